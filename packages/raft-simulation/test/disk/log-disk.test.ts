/** What a simulated disk keeps, how long it takes, and how it fails. */

import {
  emptyRecord,
  logIndex,
  nodeId,
  term,
  type Configuration,
  type Entry,
  firstConfiguration,
} from '@raftkv/core';
import type { LogStorage } from '@raftkv/runtime';
import { describe, expect, it } from 'vitest';
import { Chance, Life, SimulatedLogDisk, World } from '../../src/index.ts';

const CONFIGURATION: Configuration = firstConfiguration([{ id: nodeId('a'), data: new Uint8Array() }]);
const SETTINGS = { syncMs: [10, 10], readMs: [0, 0], tailEntriesMax: 100 } as const;

class Medium {
  readonly world = new World(1);
  readonly disk: SimulatedLogDisk;
  life = new Life(this.world);
  storage: LogStorage;
  readonly done: (string | null)[] = [];

  constructor(seed = 1) {
    const { world } = this;
    this.disk = new SimulatedLogDisk({
      world,
      chance: new Chance(seed),
      configuration: CONFIGURATION,
      settings: SETTINGS,
    });
    this.storage = this.disk.open(this.life);
  }

  static async loaded(seed?: number): Promise<Medium> {
    const medium = new Medium(seed);
    await medium.load();
    return medium;
  }

  async load() {
    const loading = this.storage.load();
    await this.pass(1);
    return loading;
  }

  async restart() {
    this.life.end();
    this.disk.crash();
    this.life = new Life(this.world);
    this.storage = this.disk.open(this.life);
    return this.load();
  }

  pass(ms: number): Promise<void> {
    return this.world.runUntil(this.world.nowMs + ms);
  }

  /** One write of entries `from` to `through`, with a hard state of that many terms. */
  write(from: number, through: number): void {
    const entries = Array.from({ length: through - from + 1 }, (_, at): Entry => {
      return { index: logIndex(from + at), term: term(1), kind: 'command', data: new Uint8Array() };
    });
    const hardState = { currentTerm: term(through), votedFor: null, commitIndex: logIndex(0) };
    this.storage.write({ hardState, newBase: null, truncateFrom: null, entries }, (error) =>
      this.done.push(error?.name ?? null),
    );
  }
}

describe('a simulated disk', () => {
  it('has nothing of a write before its sync has ended', async () => {
    const medium = await Medium.loaded();
    medium.write(1, 2);
    await medium.pass(9.9);
    expect([medium.disk.lastIndex, medium.done, medium.disk.isBusy]).toEqual([0, [], true]);
    await medium.pass(0.2);
    expect([medium.disk.lastIndex, medium.done, medium.disk.isBusy]).toEqual([2, [null], false]);
  });

  it('syncs together what came while it was busy', async () => {
    const medium = await Medium.loaded();
    for (const index of [1, 2, 3]) medium.write(index, index);
    await medium.pass(10.1);
    expect(medium.disk.lastIndex).toBe(1);
    await medium.pass(10);
    expect([medium.disk.lastIndex, medium.done.length]).toEqual([3, 3]);
  });

  it('keeps at a crash what was synced, and of the rest some whole writes and parts of one: all of these over many seeds', async () => {
    const outcomes = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      const medium = await Medium.loaded(seed);
      medium.write(1, 1);
      await medium.pass(11);
      medium.write(2, 4);
      medium.write(5, 5);
      const { record } = await medium.restart();
      outcomes.add(`t${record.hardState.currentTerm} ${record.tail.length}`);
      expect(medium.done).toEqual([null]);
    }
    // Nothing; the hard state alone; one or all entries of the first; both writes, or the hard state of the second.
    expect([...outcomes].toSorted()).toEqual(['t1 1', 't4 1', 't4 2', 't4 4', 't5 4', 't5 5']);
  });

  it('calls nobody back whose life is over', async () => {
    const medium = await Medium.loaded();
    medium.write(1, 1);
    medium.life.end();
    await medium.pass(100);
    expect([medium.disk.lastIndex, medium.done]).toEqual([1, []]);
  });

  it('does nothing while it is stalled, also where a sync is under way', async () => {
    const medium = await Medium.loaded();
    medium.write(1, 1);
    await medium.pass(5);
    medium.disk.stall(100);
    await medium.pass(90);
    expect(medium.done).toEqual([]);
    await medium.pass(20);
    expect(medium.done).toEqual([null]);
  });

  it('reads nothing while it is stalled', async () => {
    const medium = await Medium.loaded();
    medium.write(1, 1);
    await medium.pass(11);
    medium.disk.stall(100);
    let count = 0;
    medium.storage.read(logIndex(1), logIndex(1), 1000, (_, entries) => (count = entries.length));
    await medium.pass(99);
    expect(count).toBe(0);
    await medium.pass(2);
    expect(count).toBe(1);
  });

  it('fails a sync, and all that comes after it in that life', async () => {
    const medium = await Medium.loaded();
    medium.disk.failNextSync();
    medium.write(1, 1);
    await medium.pass(11);
    medium.write(2, 2);
    await medium.pass(11);
    expect(medium.done).toEqual(['SyncFailedError', 'SyncFailedError']);
    const { record } = await medium.restart();
    expect(record.tail.length).toBeLessThan(2);
    medium.write(record.tail.length + 1, record.tail.length + 1);
    await medium.pass(11);
    expect(medium.done.at(-1)).toBe(null);
  });

  it('has nothing of what follows a failed sync, whatever a crash keeps', async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const medium = await Medium.loaded(seed);
      medium.disk.failNextSync();
      medium.write(1, 1);
      await medium.pass(5);
      medium.write(2, 2);
      await medium.pass(6);
      const { record } = await medium.restart();
      expect(record.hardState.currentTerm).toBeLessThan(2);
    }
  });

  it('names a gap in what is written', async () => {
    const medium = await Medium.loaded();
    medium.write(2, 2);
    await medium.pass(11);
    expect(medium.done).toEqual(['InvariantViolation']);
  });

  it('is empty and another after a wipe', async () => {
    const medium = await Medium.loaded();
    medium.write(1, 1);
    await medium.pass(11);
    const before = await medium.restart();
    medium.life.end();
    medium.disk.wipe();
    medium.storage = medium.disk.open(new Life(medium.world));
    const after = await medium.load();
    expect(before.record.tail.length).toBe(1);
    expect(after.record).toEqual(emptyRecord(CONFIGURATION));
    expect(after.incarnation).not.toEqual(before.incarnation);
    expect(medium.disk.wipes).toBe(1);
  });
});
