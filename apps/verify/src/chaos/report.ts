/** What a run has to say to whoever started it. */

import { PROMISES, type Failure } from '../workload/check.ts';
import type { PlannedChange } from './changes.ts';
import type { Step } from './plan.ts';
import type { Progress } from './run.ts';

const FAILURES_MAX = 6;
const LINES_MAX = 80;

export function progressLine({ rounds, deeds, outcomes, snapshots, operations, unknown }: Progress): string {
  const total = [...deeds.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${rounds} rounds, ${operations} operations (${unknown} of unknown outcome), ${total} faults: ${listOf(deeds)}`,
    ...(outcomes.size === 0 ? [] : [`  by operators: ${listOf(outcomes)}`]),
    `  snapshots: ${listOf(new Map(Object.entries(snapshots)))}`,
  ].join('\n');
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts.keys()]
    .toSorted()
    .map((what) => `${counts.get(what)} ${what}`)
    .join(', ');
}

/** The first few: one cause may break a promise for many keys, and on every node. */
export function failuresText(failures: readonly Failure[]): string {
  const more =
    failures.length > FAILURES_MAX ? [`… and ${failures.length - FAILURES_MAX} failures more`] : [];
  return [...failures.slice(0, FAILURES_MAX).map(failureText), ...more].join('\n');
}

function failureText({ promise, what }: Failure): string {
  const lines = what.split('\n');
  const more = lines.length > LINES_MAX ? [`… and ${lines.length - LINES_MAX} lines more`] : [];
  return [`BROKEN: ${promise}: ${PROMISES[promise]}`, ...lines.slice(0, LINES_MAX), ...more].join('\n');
}

/** One fault or change a line; the same for the same plan. */
export function planText(steps: readonly Step[], changes: readonly PlannedChange[]): string {
  const faults = steps.map(({ atMs, fault }) => `${String(atMs).padStart(6)} ms  ${JSON.stringify(fault)}`);
  const wishes = changes.map(
    ({ afterMs, change }) => `+${String(afterMs).padStart(5)} ms  ${JSON.stringify(change)}`,
  );
  return [...faults, ...wishes].join('\n');
}
