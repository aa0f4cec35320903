/** The clock of a scenario, which stands still between commands. */

import type { ScenarioCluster } from './scenario-cluster.ts';
import type { ScenarioHost } from './scenario-host.ts';
import type { Trace } from './trace.ts';

/** The clock goes on to `toMs`, and never back. */
export function moveClock(cluster: ScenarioCluster, trace: Trace, toMs: number): void {
  if (toMs <= cluster.nowMs) return;
  cluster.nowMs = toMs;
  trace.head(`at ${Math.round(toMs)}ms`);
}

/** Who wants to be woken first, up to `endMs`. */
export function nextToWake({ hosts }: ScenarioCluster, endMs: number): ScenarioHost | null {
  let first: ScenarioHost | null = null;
  for (const host of hosts) {
    if (host.wakeAtMs === null || host.wakeAtMs > endMs) continue;
    if (first === null || host.wakeAtMs < (first.wakeAtMs ?? Infinity)) first = host;
  }
  return first;
}
