/** What must be true when all is over: of what clients were told, and of what the machines hold. */

import { KeyValueMachine } from '@raftkv/kv-state-machine';
import type { Held } from '@raftkv/server/local-cluster';
import { isWrittenOnce } from '../workload/calls.ts';
import { checkHistory, checkOnce, type Failure, type Holdings } from '../workload/check.ts';
import type { History } from '../workload/history.ts';
import { BrokenPromise } from './broken-promise.ts';

/** The first promise that was broken; null where all were kept. */
export function finalFailure(
  history: History,
  machines: ReadonlyMap<string, KeyValueMachine>,
): BrokenPromise | null {
  const [failure] = [
    ...checkHistory(history),
    ...checkSame(machines),
    ...checkOnce(history, holdingsOf(history, machines)),
  ];
  return failure === undefined ? null : new BrokenPromise(failure.promise, failure.what);
}

/** Keys, and sessions with the replies that are kept: all that a snapshot would hold. */
function checkSame(machines: ReadonlyMap<string, KeyValueMachine>): Failure[] {
  const [first, ...others] = [...machines].map(([name, machine]) => ({ name, content: contentOf(machine) }));
  return others.flatMap(({ name, content }) => {
    if (first === undefined || content === first.content) return [];
    return [
      { promise: 'nodes-equal', what: `${first.name}: ${first.content}\n${name}: ${content}` } as const,
    ];
  });
}

function contentOf(machine: KeyValueMachine): string {
  const sessions = [...machine.sessions()].map((id) => [id, [...machine.keptReplies(id)]]);
  const entries = [...machine.entries()].map((entry) => ({
    ...entry,
    key: textOf(entry.key),
    value: textOf(entry.value),
  }));
  return JSON.stringify({ revision: machine.revision, entries, sessions });
}

function holdingsOf(history: History, machines: ReadonlyMap<string, KeyValueMachine>): Holdings {
  const keys = [
    ...history.operations.map(({ input }) => input.key),
    ...history.refused.map(({ key }) => key),
  ];
  const once = [...new Set(keys.filter(isWrittenOnce))];
  return new Map(
    [...machines].map(([name, machine]) => [name, new Map(once.map((key) => [key, heldOf(machine, key)]))]),
  );
}

function heldOf(machine: KeyValueMachine, key: string): Held | null {
  const entry = machine.get(new TextEncoder().encode(key));
  if (entry === null) return null;
  const { value, modRevision, version } = entry;
  return { value: textOf(value), revision: modRevision, version };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
