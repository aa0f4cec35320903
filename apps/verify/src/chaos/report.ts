/** What a run has to say to whoever started it. */

import { PROMISES, type Failure } from './check.ts';
import type { Step } from './plan.ts';
import type { Progress } from './run.ts';

const LINES_MAX = 80;

export function progressLine({ rounds, deeds, operations, unknown }: Progress): string {
  const faults = [...deeds.keys()].toSorted().map((deed) => `${deeds.get(deed)} ${deed}`);
  const total = [...deeds.values()].reduce((sum, count) => sum + count, 0);
  return `${rounds} rounds, ${operations} operations (${unknown} of unknown outcome), ${total} faults: ${faults.join(', ')}`;
}

export function failureText({ promise, what }: Failure): string {
  const lines = what.split('\n');
  const more = lines.length > LINES_MAX ? [`… and ${lines.length - LINES_MAX} lines more`] : [];
  return [`BROKEN: ${promise}: ${PROMISES[promise]}`, ...lines.slice(0, LINES_MAX), ...more].join('\n');
}

/** One fault a line; the same for the same plan. */
export function planText(steps: readonly Step[]): string {
  return steps
    .map(({ atMs, fault }) => `${String(atMs).padStart(6)} ms  ${JSON.stringify(fault)}`)
    .join('\n');
}
