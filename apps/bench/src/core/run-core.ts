/**
 * `core`: the cost of the core alone. Three nodes in memory; entries are replicated, committed and applied on all. Run
 * as compiled: a test runner's module wrappers cost the core two thirds of its speed.
 */

import type { Command } from 'commander';
import type { Act } from '../act.ts';
import { count } from '../arguments.ts';
import { chart, table } from '../report/markdown.ts';
import { addResultFlags, writeResults, type ResultFlags } from '../report/results.ts';
import { median } from '../report/statistics.ts';
import { MemoryCluster } from './memory-cluster.ts';

interface Flags extends ResultFlags {
  readonly entries: number;
  readonly runs: number;
  readonly valSize: number;
}

interface Rates {
  /** Entries that are proposed in one turn. */
  readonly together: number;
  /** Entries a second, one for each run. */
  readonly rates: readonly number[];
}

const ENTRIES_MAX = 100_000_000;
const RUNS_MAX = 1000;
const BYTES_MAX = 1_572_864;
const TOGETHER = [64, 1];
/** One at a time costs as much more. */
const FEWER_ONE_AT_A_TIME = 20;

export function addCore(program: Command, act: Act): void {
  const command = program
    .command('core')
    .description('three cores in memory: entries a second')
    .option('--entries <n>', '64 at a time; a twentieth one at a time', count(ENTRIES_MAX), 1_000_000)
    .option('--runs <n>', 'of each, of which the median counts', count(RUNS_MAX), 9)
    .option('--val-size <bytes>', 'of each entry', count(BYTES_MAX), 256);
  addResultFlags(command).action((flags: Flags) => act(() => run(flags)));
}

async function run(flags: Flags): Promise<number> {
  const all = TOGETHER.map((together) => {
    const measured = ratesOf(together, flags);
    console.log(line(measured));
    return measured;
  });
  await writeResults(flags, {
    data: { valSize: flags.valSize, core: all },
    markdown: markdownOf(all, flags),
  });
  return 0;
}

function ratesOf(together: number, { entries, runs, valSize }: Flags): Rates {
  const cluster = new MemoryCluster();
  const data = new Uint8Array(valSize);
  const wanted = together === 1 ? Math.ceil(entries / FEWER_ONE_AT_A_TIME) : entries;
  return { together, rates: Array.from({ length: runs }, () => rateOf(cluster, together, wanted, data)) };
}

function rateOf(cluster: MemoryCluster, together: number, entries: number, data: Uint8Array): number {
  const end = cluster.committed + entries;
  const startMs = performance.now();
  while (cluster.committed < end) cluster.replicate(together, data);
  return entries / ((performance.now() - startMs) / 1000);
}

function line({ together, rates }: Rates): string {
  const [middle, least, most] = thousands(rates);
  return `${together} at a time: ${middle} k entries/s, median of ${rates.length} runs (${least} to ${most})`;
}

function markdownOf(all: readonly Rates[], { valSize }: Flags): string {
  const rows = all.map(({ together, rates }) => [String(together), ...thousands(rates)]);
  const bars = all.map(({ together, rates }) => ({
    label: `${together} at a time`,
    value: median(rates) / 1000,
  }));
  return [
    `Three cores in memory, entries of ${valSize} B:`,
    table(['at a time:', 'k entries/s, median:', 'least:', 'most:'], rows),
    chart('k entries/s', bars),
  ].join('\n\n');
}

/** Median, least and most. */
function thousands(rates: readonly number[]): string[] {
  return [median(rates), Math.min(...rates), Math.max(...rates)].map((rate) => (rate / 1000).toFixed(0));
}
