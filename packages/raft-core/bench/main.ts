/**
 * `npm run bench:micro`: the cost of the core alone. Three nodes, entries of 256 B, replicated, committed and applied
 * on all. Run as compiled: a test runner's module wrappers cost the core two thirds of its speed.
 */

import { MemoryCluster } from './memory-cluster.ts';

const RUNS = 9;
const data = new Uint8Array(256);

for (const [together, entries] of [
  [64, 1_000_000],
  [1, 50_000],
] as const) {
  const cluster = new MemoryCluster();
  const rates = Array.from({ length: RUNS }, () => rate(cluster, together, entries)).toSorted(
    (one, other) => one - other,
  );
  const [least, median, most] = [rates[0]!, rates[RUNS >> 1]!, rates[RUNS - 1]!].map((value) =>
    Math.round(value / 1000),
  );
  console.log(`${together} at a time: ${median} k entries/s, median of ${RUNS} runs (${least} to ${most})`);
}

/** Entries a second. */
function rate(cluster: MemoryCluster, together: number, entries: number): number {
  const end = cluster.committed + entries;
  const start = process.hrtime.bigint();
  while (cluster.committed < end) cluster.replicate(together, data);
  return entries / (Number(process.hrtime.bigint() - start) / 1e9);
}
