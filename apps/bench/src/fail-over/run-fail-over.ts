/**
 * How long a cluster is without acknowledged writes when the process that leads is killed: from `kill -9` to the
 * acknowledgement of a write that began right after it. Three processes with default settings, under load.
 */

import type { LocalCluster } from '@raftkv/server/local-cluster';
import type { Command } from 'commander';
import type { Act } from '../act.ts';
import { count } from '../arguments.ts';
import type { Endings } from '../endings.ts';
import { ConstantLoad } from '../load/constant-load.ts';
import {
  addNodeFlags,
  addPressureFlags,
  addRate,
  pressureOf,
  type NodeFlags,
  type PressureFlags,
} from '../load/settings.ts';
import { chart, table } from '../report/markdown.ts';
import { addResultFlags, writeResults, type ResultFlags } from '../report/results.ts';
import { median } from '../report/statistics.ts';
import { connectTo, startCluster } from '../stores/raftkv.ts';
import type { Connection } from '../stores/store.ts';

interface Flags extends PressureFlags, NodeFlags, ResultFlags {
  readonly kills: number;
}

/** From the kill of the node that led, milliseconds. */
interface Gap {
  readonly leader: string;
  readonly gapMs: number;
}

const KILLS_MAX = 100_000;
const PATIENCE_MS = 30_000;
const WRITES_BETWEEN = 200;

export function addFailOver(program: Command, act: Act): void {
  const command = program
    .command('fail-over')
    .description('kills the leader under load, and waits for a write')
    .option('--kills <n>', 'how often', count(KILLS_MAX), 20);
  addRate(addPressureFlags(command, 16));
  addResultFlags(addNodeFlags(command)).action((flags: Flags) => act((endings) => run(flags, endings)));
}

async function run(flags: Flags, endings: Endings): Promise<number> {
  const { cluster, close } = await startCluster(flags.segmentBytes, endings);
  const pressure = pressureOf(flags);
  const probe = await connectTo(cluster.endpoints);
  const connections = await Promise.all(
    Array.from({ length: pressure.conns }, () => connectTo(cluster.endpoints)),
  );
  const load = new ConstantLoad(connections, pressure);
  const gaps: Gap[] = [];
  for (let kill = 1; kill <= flags.kills; kill += 1) {
    // One that was just started is busy with the past: with it a new leader would have to catch up first.
    await cluster.untilCaughtUp(PATIENCE_MS);
    await load.more(WRITES_BETWEEN);
    const gap = await killLeader(cluster, probe, endings);
    gaps.push(gap);
    console.log(
      `kill ${String(kill).padStart(3)}: ${gap.leader}, ${gap.gapMs.toFixed(0).padStart(5)} ms without an acknowledged write`,
    );
  }
  await load.end();
  await Promise.all([probe, ...connections].map((connection) => connection.close()));
  await close();
  console.log(summary(gaps));
  const medianMs = median(gaps.map(({ gapMs }) => gapMs));
  await writeResults(flags, { data: { pressure, gaps, medianMs }, markdown: markdownOf(gaps) });
  return 0;
}

async function killLeader(cluster: LocalCluster, probe: Connection, endings: Endings): Promise<Gap> {
  const leader = await cluster.untilLed(PATIENCE_MS);
  const killedMs = performance.now();
  const gone = leader.kill();
  await probe.put('after-the-kill', Buffer.from(String(killedMs)));
  const gapMs = performance.now() - killedMs;
  await gone;
  // Interrupted meanwhile, it must not live again.
  endings.throwIfOver();
  await leader.start();
  return { leader: leader.name, gapMs };
}

function summary(gaps: readonly Gap[]): string {
  const all = gaps.map(({ gapMs }) => gapMs);
  const [middle, least, most] = [median(all), Math.min(...all), Math.max(...all)].map((ms) => ms.toFixed(0));
  return `${gaps.length} kills: median ${middle} ms, least ${least} ms, most ${most} ms`;
}

function markdownOf(gaps: readonly Gap[]): string {
  const rows = gaps.map(({ leader, gapMs }, at) => [String(at + 1), leader, gapMs.toFixed(0)]);
  const bars = gaps.map(({ leader, gapMs }, at) => ({ label: `${at + 1} ${leader}`, value: gapMs }));
  return [
    summary(gaps),
    table(['kill:', 'leader', 'without an acknowledged write, ms:'], rows),
    chart('ms without an acknowledged write', bars),
  ].join('\n\n');
}
