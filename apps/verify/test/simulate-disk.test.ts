/** The simulated disk: what it loses, what it keeps, and that the storage that ships notices. */

import { emptyRecord, logIndex, nodeId, term, type Entry, firstConfiguration } from '@raftkv/core';
import { Chance, Life, World } from '@raftkv/simulation';
import { DamagedError, FileLogStorage } from '@raftkv/storage-file';
import { describe, expect, it } from 'vitest';
import { BrokenPromise } from '../src/simulate/broken-promise.ts';
import { SimulatedDisk } from '../src/simulate/simulated-disk.ts';
import { SnapshotBytes } from '../src/simulate/snapshot-bytes.ts';
import { Witness, WitnessedStorage } from '../src/simulate/witnessed-log.ts';

const CONFIGURATION = firstConfiguration([{ id: nodeId('a'), data: new Uint8Array() }]);
const FIRST_BASE = emptyRecord(CONFIGURATION).base;
const TIMES = { syncMs: [1, 2], readMs: [0.1, 0.2] } as const;

function entry(index: number, bytes = 20): Entry {
  return { index: logIndex(index), term: term(1), kind: 'command', data: new Uint8Array(bytes).fill(index) };
}

/** A configuration whose only member has this incarnation. */
function naming(incarnation: number): Entry {
  return {
    index: logIndex(1),
    term: term(1),
    kind: 'configuration',
    data: new Uint8Array(),
    configuration: firstConfiguration([{ id: nodeId('a'), data: Uint8Array.of(incarnation) }]),
  };
}

function batchOf(...entries: readonly Entry[]) {
  const hardState = { currentTerm: term(1), votedFor: nodeId('a'), commitIndex: logIndex(0) };
  return { hardState, newBase: null, truncateFrom: null, entries };
}

class Bench {
  readonly world = new World(1);
  readonly disk: SimulatedDisk;
  life = new Life(this.world);

  constructor(seed = 1) {
    const { world } = this;
    this.disk = new SimulatedDisk({
      world,
      chance: new Chance(seed),
      configuration: CONFIGURATION,
      times: TIMES,
    });
  }

  open(): WitnessedStorage {
    this.life = new Life(this.world);
    const storage = new FileLogStorage({
      directory: '/data',
      node: nodeId('a'),
      cluster: 'c',
      configuration: CONFIGURATION,
      segmentBytes: 4096,
      sealAfterMs: null,
      files: this.disk.filesFor(this.life),
      newIncarnation: () => new Uint8Array(16),
    });
    return new WitnessedStorage(storage, this.disk.witness, new SnapshotBytes(), (broken) => {
      throw broken;
    });
  }

  crash(): void {
    this.life.end();
    this.disk.crash();
  }

  /** Lets the world go on until `promise` has settled. */
  async settled<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const end = () => {
      isSettled = true;
    };
    promise.then(end, end);
    await this.world.runUntil(this.world.nowMs + 5000, () => isSettled);
    return promise;
  }

  write(storage: WitnessedStorage, ...entries: readonly Entry[]): Promise<Error | null> {
    return new Promise((resolve) => {
      storage.write(batchOf(...entries), resolve);
    });
  }
}

describe('the simulated disk', () => {
  it('takes its time, and a stall lasts as long as it says', async () => {
    const bench = new Bench();
    const storage = bench.open();
    await bench.settled(storage.load());
    const beganMs = bench.world.nowMs;
    await bench.settled(bench.write(storage, entry(1)));
    expect(bench.world.nowMs - beganMs).toBeGreaterThanOrEqual(1);
    bench.disk.stall(300);
    const stalledMs = bench.world.nowMs;
    await bench.settled(bench.write(storage, entry(2)));
    expect(bench.world.nowMs - stalledMs).toBeGreaterThanOrEqual(300);
  });

  it('keeps what was told to be on it, whatever a crash takes', async () => {
    let lost = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const bench = new Bench(seed);
      const storage = bench.open();
      await bench.settled(storage.load());
      await bench.settled(bench.write(storage, entry(1)));
      void bench.write(storage, entry(2), entry(3));
      await bench.world.runUntil(bench.world.nowMs + 0.5);
      bench.crash();
      const { record } = await bench.settled(bench.open().load());
      const found = record.tail.map(({ index }) => Number(index));
      expect([1, 2, 3]).toEqual([...found, ...[1, 2, 3].slice(found.length)]);
      expect(found.length).toBeGreaterThanOrEqual(1);
      if (found.length < 3) lost += 1;
    }
    expect(lost).toBeGreaterThan(5);
  });

  it('fails the sync that it is told to fail, and refuses to grow while it is full', async () => {
    const bench = new Bench();
    const storage = bench.open();
    await bench.settled(storage.load());
    bench.disk.failNextSync();
    expect(await bench.settled(bench.write(storage, entry(1)))).toMatchObject({ code: 'STORAGE_FAILED' });
    expect(bench.disk.hasFailed).toBe(true);
    bench.crash();
    expect(bench.disk.hasFailed).toBe(false);

    const again = bench.open();
    await bench.settled(again.load());
    bench.disk.fill(true);
    // What fits into the segment that is there is written all the same.
    const { lastIndex } = bench.disk;
    expect(await bench.settled(bench.write(again, entry(lastIndex + 1)))).toBeNull();
    const large = entry(lastIndex + 2, 4050);
    expect(await bench.settled(bench.write(again, large))).toMatchObject({ code: 'STORAGE_FAILED' });
  });

  it('damages only what the storage has to notice', async () => {
    const outcomes: unknown[] = [];
    for (let seed = 1; seed <= 30; seed += 1) {
      const bench = new Bench(seed);
      const storage = bench.open();
      await bench.settled(storage.load());
      expect(bench.disk.isLongLived).toBe(false);
      for (let index = 1; index <= 8; index += 1)
        await bench.settled(bench.write(storage, entry(index, 1500)));
      expect(bench.disk.isLongLived).toBe(true);
      bench.crash();
      expect(bench.disk.damage()).toBe(true);
      outcomes.push(
        await bench.settled(
          bench
            .open()
            .load()
            .then(
              ({ record }) => record.tail.length,
              (error: unknown) => error,
            ),
        ),
      );
    }
    // A bit between two records means nothing; any other is damage.
    const noticed = outcomes.filter((outcome) => outcome !== 8);
    expect(noticed.length).toBeGreaterThan(20);
    for (const outcome of noticed) expect(outcome).toBeInstanceOf(DamagedError);
  });
});

describe('the witness of a disk', () => {
  it('does not take less than was on disk, nor what was never asked for', () => {
    const hardState = { currentTerm: term(1), votedFor: nodeId('a'), commitIndex: logIndex(0) };
    const base = FIRST_BASE;
    const witness = new Witness(CONFIGURATION);
    const batch = batchOf(entry(1), entry(2));
    witness.onWrite(batch);
    witness.onSynced(batch);
    expect(() => witness.onFound({ hardState, base, entries: [entry(1)] })).toThrow(BrokenPromise);
    expect(() => witness.onFound({ hardState, base, entries: [entry(1), entry(2), entry(3)] })).toThrow(
      BrokenPromise,
    );
    const other = { ...entry(2), data: new Uint8Array([9]) };
    expect(() => witness.onFound({ hardState, base, entries: [entry(1), other] })).toThrow(BrokenPromise);
    expect(() => witness.onFound({ hardState, base, entries: [entry(1), entry(2)] })).not.toThrow();
  });

  it('does not take other members, nor others in the place of those, for the same (R28)', () => {
    const hardState = { currentTerm: term(1), votedFor: nodeId('a'), commitIndex: logIndex(0) };
    const base = FIRST_BASE;
    const witness = new Witness(CONFIGURATION);
    const batch = batchOf(naming(1));
    witness.onWrite(batch);
    witness.onSynced(batch);
    expect(() => witness.onFound({ hardState, base, entries: [naming(2)] })).toThrow(BrokenPromise);
    expect(() => witness.onFound({ hardState, base, entries: [naming(1)] })).not.toThrow();
  });

  it('takes any prefix of what was under way, down to a part of one write', () => {
    const first = batchOf(entry(1));
    const cut = {
      hardState: null,
      newBase: null,
      truncateFrom: logIndex(1),
      entries: [entry(1, 5), entry(2)],
    };
    const states = [[], [entry(1)], [entry(1, 5)], [entry(1, 5), entry(2)]];
    for (const entries of states) {
      const witness = new Witness(CONFIGURATION);
      witness.onWrite(first);
      witness.onWrite(cut);
      expect(() => witness.onFound({ hardState: first.hardState, base: FIRST_BASE, entries })).not.toThrow();
      expect(witness.lastIndex).toBe(entries.length);
    }
  });

  it('takes a write that moves the base as a whole or not, and its entries with it (R33)', () => {
    const first = batchOf(entry(1), entry(2));
    const base = { ...FIRST_BASE, index: logIndex(1), term: term(1) };
    const { hardState } = first;
    const moved = {
      hardState: null,
      newBase: { base, isLogKept: true },
      truncateFrom: null,
      entries: [entry(3)],
    };
    const isTaken = (contents: Parameters<Witness['onFound']>[0]): boolean => {
      const witness = new Witness(CONFIGURATION);
      witness.onWrite(first);
      witness.onSynced(first);
      witness.onWrite(moved);
      try {
        witness.onFound(contents);
        return true;
      } catch (error) {
        if (error instanceof BrokenPromise) return false;
        throw error;
      }
    };
    const [before, behind] = [[entry(1), entry(2)], [entry(2)]];
    expect(isTaken({ hardState, base: FIRST_BASE, entries: before })).toBe(true);
    expect(isTaken({ hardState, base, entries: behind })).toBe(true);
    expect(isTaken({ hardState, base, entries: [...behind, entry(3)] })).toBe(true);
    expect(isTaken({ hardState, base, entries: [] })).toBe(false);
    expect(isTaken({ hardState, base: FIRST_BASE, entries: [...before, entry(3)] })).toBe(false);
  });

  it('says when two snapshots at one index differ (R34)', () => {
    const bytes = new SnapshotBytes();
    bytes.agree(5, 'one');
    bytes.agree(6, 'other');
    expect(() => bytes.agree(5, 'one')).not.toThrow();
    expect(() => bytes.agree(5, 'other')).toThrow(/^snapshots-equal/);
  });

  it('says when writes are told out of order', () => {
    const witness = new Witness(CONFIGURATION);
    const [first, second] = [batchOf(entry(1)), batchOf(entry(2))];
    witness.onWrite(first);
    witness.onWrite(second);
    expect(() => witness.onSynced(second)).toThrow(BrokenPromise);
  });
});
