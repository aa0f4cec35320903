/** All of a machine's state as text: equal states in equal text. */

import type { KeyValueMachine } from '../../src/index.ts';

export function digest(machine: KeyValueMachine): string {
  const { appliedIndex, machineVersion, limits, revision, size } = machine;
  const lines: unknown[] = [{ appliedIndex, machineVersion, limits, revision, size }];
  for (const { key, value, ...revisions } of machine.entries()) lines.push([[...key], [...value], revisions]);
  for (const id of machine.sessions()) {
    lines.push([id, machine.session(id), ...machine.keptReplies(id)]);
  }
  return lines.map((line) => JSON.stringify(line)).join('\n');
}
