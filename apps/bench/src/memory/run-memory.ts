/** `memory`: whether nodes that write the same keys all the time grow, in memory and on the disk. */

import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Act } from '../act.ts';
import { amount } from '../arguments.ts';
import type { Endings } from '../endings.ts';
import { ConstantLoad } from '../load/constant-load.ts';
import {
  addNodeFlags,
  addPressureFlags,
  addRate,
  described,
  pressureOf,
  type NodeFlags,
  type PressureFlags,
} from '../load/settings.ts';
import { addResultFlags, writeResults, type ResultFlags } from '../report/results.ts';
import { connectTo, startCluster } from '../stores/raftkv.ts';
import { growthLine, line, markdownOf } from './report.ts';
import { growthOf, sampleOf, type Sample, type WatchedNode } from './samples.ts';

interface Flags extends PressureFlags, NodeFlags, ResultFlags {
  readonly minutes: number;
  readonly every: number;
}

const MINUTES_MAX = 100_000;
const SECONDS_MAX = 100_000;
const RATE = 1000;

export function addMemory(program: Command, act: Act): void {
  const command = program
    .command('memory')
    .description('writes to the same keys, and watches memory and log')
    .option('--minutes <n>', 'how long', amount(MINUTES_MAX), 10)
    .option('--every <seconds>', 'how often it looks', amount(SECONDS_MAX), 10);
  addRate(addPressureFlags(command, 64), RATE);
  addResultFlags(addNodeFlags(command)).action((flags: Flags) => act((endings) => run(flags, endings)));
}

async function run(flags: Flags, endings: Endings): Promise<number> {
  const { cluster, close } = await startCluster(flags.segmentBytes, endings);
  const { nodes } = cluster;
  const names = nodes.map(({ name }) => name);
  const pressure = pressureOf(flags);
  console.log(`put: ${described(pressure)}`);
  console.log(`RSS + log, MB, of ${nodes.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}:`);
  const connections = await Promise.all(
    Array.from({ length: pressure.conns }, () => connectTo(cluster.endpoints)),
  );
  const load = new ConstantLoad(connections, pressure);
  const samples = await watch(nodes, load, flags);
  await load.end();
  await Promise.all(connections.map((connection) => connection.close()));
  await close();
  const growth = growthOf(names, samples);
  for (const each of growth) console.log(growthLine(each));
  await writeResults(flags, {
    data: { pressure, samples, growth },
    markdown: markdownOf(names, samples, growth),
  });
  return 0;
}

/** Looks at the beginning, at the end, and `every` so many seconds between them. */
async function watch(
  nodes: readonly WatchedNode[],
  load: ConstantLoad,
  { minutes, every }: Flags,
): Promise<Sample[]> {
  const startMs = performance.now();
  const endMs = startMs + minutes * 60_000;
  const samples: Sample[] = [];
  for (let dueMs = startMs; ; dueMs = Math.min(dueMs + every * 1000, endMs)) {
    // A write that fails ends the wait.
    await Promise.race([setTimeout(dueMs - performance.now()), load.ended]);
    const atMinutes = (performance.now() - startMs) / 60_000;
    const sample = { minutes: atMinutes, writes: load.acknowledged, nodes: await sampleOf(nodes) };
    console.log(line(sample));
    samples.push(sample);
    if (dueMs >= endMs) return samples;
  }
}
