/** The parts of the attack that see snapshots, and logs that are cut behind them. */

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@raftkv/kv-client';
import { describe, expect, it } from 'vitest';
import { DiskLog } from '../src/chaos/disk-log.ts';
import { Random } from '../src/chaos/random.ts';
import { checkShortLogs, snapshotLogBytesOf } from '../src/chaos/short-logs.ts';
import { countsIn, SnapshotCounts } from '../src/chaos/snapshot-counts.ts';
import { seeSnapshot } from '../src/chaos/snapshot-watch.ts';
import { afterwards, PATIENCE_MS, threeProcesses } from './support/processes.ts';

const SNAPSHOT = 'snapshot-0000000000000007.snap';

async function directory(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'raftkv-chaos-snapshots-'));
  afterwards(() => rm(made, { recursive: true }));
  return made;
}

describe('a snapshot', () => {
  it('is seen in the directory where it comes to be, while it is written, and when it has its name', async () => {
    const [one, other] = [await directory(), await directory()];
    const writing = seeSnapshot([one, other], 'writing', PATIENCE_MS);
    const named = seeSnapshot([one, other], 'named', PATIENCE_MS);
    await writeFile(join(one, 'segment-0000000001.log'), '');
    await writeFile(join(other, `${SNAPSHOT}.1.tmp`), '');
    expect(await writing).toBe(other);
    await rename(join(other, `${SNAPSHOT}.1.tmp`), join(other, SNAPSHOT));
    expect(await named).toBe(other);
  });

  it('is waited for no longer than is said', async () => {
    expect(await seeSnapshot([await directory()], 'named', 1)).toBeNull();
  });

  it('is due by chance of the seed: all the time, seldom or never', () => {
    const random = new Random(1);
    const drawn = new Set(Array.from({ length: 200 }, () => snapshotLogBytesOf(random)));
    expect([...drawn].toSorted((a, b) => (a ?? Infinity) - (b ?? Infinity))).toEqual([
      4096,
      16_384,
      65_536,
      262_144,
      null,
    ]);
  });

  it('is counted as its node counts it', () => {
    const metrics = ['taken 3', 'sent 2', 'installed 1'].map((text) => {
      const [deed, count] = text.split(' ');
      return `# HELP x\nraftkv_node_snapshots_${deed}_total ${count}`;
    });
    expect(countsIn(metrics.join('\n'))).toEqual({ taken: 3, sent: 2, received: 0, installed: 1 });
  });
});

it('logs are short where snapshots are taken, and too long where they are not; counts outlive a process', async () => {
  const cluster = await threeProcesses({ nodeCount: 1, snapshotLogBytes: 4096 });
  const [node] = cluster.nodes;
  await cluster.untilLed(PATIENCE_MS);
  await using kv = await connect({ endpoints: cluster.endpoints, timeoutMs: PATIENCE_MS });
  for (let written = 0; written < 60; written += 1) await kv.put('a', 'x'.repeat(1000));
  const counts = new SnapshotCounts();
  const write = (): Promise<unknown> => kv.put('a', 'x'.repeat(1000), { timeoutMs: PATIENCE_MS });
  const options = { snapshotLogBytes: 4096, segmentBytes: 1024 * 1024, timeoutMs: PATIENCE_MS, write };
  await checkShortLogs(cluster.nodes, options);
  await counts.look(cluster.nodes);
  const { taken } = counts.totals();
  expect(taken).toBeGreaterThan(1);

  await node!.kill();
  await node!.start();
  expect((await kv.get('a', { timeoutMs: PATIENCE_MS }))?.text()).toBe('x'.repeat(1000));
  await counts.look(cluster.nodes);
  expect(counts.totals()).toMatchObject({ taken, installed: 1 });

  // As if it had been told to keep less than it does.
  const impatient = { ...options, segmentBytes: -1024 * 1024, timeoutMs: 1 };
  await expect(checkShortLogs(cluster.nodes, impatient)).rejects.toMatchObject({ promise: 'logs-short' });
  await node!.stop();
  const log = await DiskLog.open(node!.dataDirectory, 'n1', ['n1']);
  expect(log.base).toBeGreaterThan(0);
  expect(await log.snapshotFingerprint()).toMatch(/^[0-9a-f]{16}$/);
  await log.close();
});
