/**
 * How long a cluster is without acknowledged writes when the process that leads is killed: from `kill -9` to the
 * acknowledgement of a write that began right after it. Three processes with default settings, under load.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type KvClient } from '@raftkv/kv-client';
import { startLocalCluster, type LocalCluster } from '@raftkv/server/local-cluster';
import { countOf, flagsFrom } from '../usage.ts';
import { Load } from './load.ts';

/** What a node has unless it is told otherwise. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
const PATIENCE_MS = 30_000;
const LOAD_AT_ONCE = 16;
const WRITES_BETWEEN = 200;

/** @returns the exit code */
export async function runFailOver(args: readonly string[]): Promise<number> {
  const kills = countOf(flagsFrom(args, ['kills']), 'kills', 20);
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-fail-over-'));
  const cluster = await startLocalCluster({ directory, segmentBytes: SEGMENT_BYTES });
  try {
    const kv = await connect({ endpoints: cluster.endpoints, timeoutMs: PATIENCE_MS });
    const load = new Load(kv, LOAD_AT_ONCE);
    const gaps: number[] = [];
    for (let kill = 1; kill <= kills; kill += 1) {
      // One that was just started is busy with the past: with it a new leader would have to catch up first.
      await cluster.untilCaughtUp(PATIENCE_MS);
      await load.more(WRITES_BETWEEN);
      const { name, gapMs } = await killLeader(cluster, kv);
      gaps.push(gapMs);
      console.log(
        `kill ${String(kill).padStart(3)}: ${name}, ${gapMs.toFixed(0).padStart(5)} ms without an acknowledged write`,
      );
    }
    await load.end();
    await kv.close();
    console.log(summary(gaps));
    return 0;
  } finally {
    await cluster.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function killLeader(cluster: LocalCluster, kv: KvClient): Promise<{ name: string; gapMs: number }> {
  const leader = await cluster.untilLed(PATIENCE_MS);
  const killedMs = performance.now();
  const gone = leader.kill();
  await kv.put('after-the-kill', String(killedMs));
  const gapMs = performance.now() - killedMs;
  await gone;
  await leader.start();
  return { name: leader.name, gapMs };
}

function summary(gaps: readonly number[]): string {
  const sorted = gaps.toSorted((one, other) => one - other);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(0);
  return `${gaps.length} kills: median ${at(0.5)} ms, least ${at(0)} ms, most ${at(1)} ms`;
}
