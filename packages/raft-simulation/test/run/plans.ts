/** Plans made by hand. */

import { CALM, FAST_DISK, STEADY_CLOCK, type Plan } from '../../src/index.ts';

/** A cluster with nothing special about it, and a call of each kind every 20 ms. */
export function calmPlan(changes: Partial<Plan> = {}): Plan {
  const safetyMs = changes.safetyMs ?? 3000;
  return {
    seed: 1,
    hosts: ['a', 'b', 'c'].map((id) => ({ id, clock: STEADY_CLOCK, disk: FAST_DISK, applyMs: [0, 0] })),
    core: { heartbeatMs: 50, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 300 },
    weather: CALM,
    safetyMs,
    faults: [],
    requests: Array.from({ length: Math.floor(safetyMs / 20) }, (_, at) => ({
      atMs: at * 20,
      target: 'leader',
      kind: at % 2 === 0 ? ('propose' as const) : ('read' as const),
      count: 1,
      bytes: 8,
    })),
    lost: [],
    ...changes,
  };
}
