/** The attack itself, for a few seconds. */

import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runChaos } from '../src/chaos/run.ts';
import { afterwards } from './support/processes.ts';

/** A minute, unless the machine has other things to do. */
const TEST_MS = 300_000;

/** Each is told to be done, on three nodes or on five. */
const CHANGES = ['grow: done', 'shrink: done', 'replace dead: done'];
/** By then each of them has long been told. */
const ROUNDS_MAX = 8;

it(
  'finds every promise kept on three nodes and on five, whatever is done to them, while nodes come and go',
  async () => {
    let hasAllBeenSeen = false;
    const directory = await mkdtemp(join(tmpdir(), 'raftkv-chaos-test-'));
    afterwards(() => rm(directory, { recursive: true, force: true }));
    const { failures, rounds, operations, deeds, outcomes, snapshots } = await runChaos({
      directory,
      // Every kind of fault in the first round, where no dead nodes are in its way; all kinds of changes;
      // and a snapshot every 4 KiB, though one may not come when a kill waits for it.
      seed: 1_500_843,
      nodeCounts: [3, 5],
      clientCount: 8,
      roundMs: 7000,
      roundsPerCluster: 1,
      execArgv: [],
      signal: new AbortController().signal,
      // How far operators come within a round is the machine's to say: on a busy one they need more of them.
      isEnough: (done) => done >= ROUNDS_MAX || (done >= 2 && hasAllBeenSeen),
      onRound: (progress) => {
        hasAllBeenSeen =
          CHANGES.every((change) => progress.outcomes.has(change)) &&
          Object.values(progress.snapshots).every((count) => count > 0);
      },
    });
    expect(failures).toEqual([]);
    expect(rounds).toBeGreaterThanOrEqual(2);
    expect(operations).toBeGreaterThan(200);
    const kinds = ['kill', 'torn tail', 'restart', 'pause', 'isolate', 'garbage', 'transfer'];
    const onWires = ['stall-peers', 'stall-clients', 'cut-peers', 'cut-clients'];
    const done = [...deeds.keys()].filter((deed) => deed !== 'kill-at-snapshot');
    expect(done.toSorted()).toEqual([...kinds, ...onWires].toSorted());
    expect(
      Math.min(snapshots.taken, snapshots.sent, snapshots.received, snapshots.installed),
    ).toBeGreaterThan(0);
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(CHANGES));
    // What was checked, and found right, is not kept.
    expect(await readdir(directory)).toEqual([]);
  },
  TEST_MS,
);
