import {
  firstConfiguration,
  logIndex,
  nodeId,
  term,
  writeNumber,
  type Entry,
  type Persist,
} from '@raftkv/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { ScenarioDisk } from '../../src/scenario/scenario-disk.ts';

const CONFIGURATION = firstConfiguration([{ id: nodeId('a'), data: new Uint8Array(0) }]);
const HARD_STATE = { currentTerm: term(1), votedFor: null, commitIndex: logIndex(1) };

function entry(index: number, inTerm: number): Entry {
  return { index: logIndex(index), term: term(inTerm), kind: 'command', data: new Uint8Array(0) };
}

function base(index: number, inTerm: number): NonNullable<Persist['newBase']>['base'] {
  const configurationIndex = logIndex(0);
  return { index: logIndex(index), term: term(inTerm), configuration: CONFIGURATION, configurationIndex };
}

function write(parts: Partial<Persist>): Persist {
  const nothing = { hardState: null, newBase: null, truncateFrom: null, entries: [] };
  return { kind: 'persist', write: writeNumber(1), ...nothing, ...parts };
}

let disk: ScenarioDisk;

beforeEach(() => {
  disk = new ScenarioDisk(CONFIGURATION);
  disk.preset(
    HARD_STATE,
    { index: logIndex(0), term: term(0) },
    [1, 2, 3, 4, 5].map((at) => entry(at, 1)),
  );
});

function placesAfter(one: Persist): readonly string[] {
  disk.accept(one);
  disk.sync(1);
  const { base: begin, tail } = disk.recovered();
  return [`base ${begin.index}@${begin.term}`, ...tail.map((found) => `${found.index}@${found.term}`)];
}

describe('a disk that is written a base', () => {
  it('keeps the entries above it, or none, before it truncates and appends', () => {
    const entries = [entry(5, 2)];
    const kept = write({
      newBase: { base: base(3, 1), isLogKept: true },
      truncateFrom: logIndex(5),
      entries,
    });
    expect(placesAfter(kept)).toEqual(['base 3@1', '4@1', '5@2']);
  });

  it('is empty behind one that the log does not hold, but for what the same write brings', () => {
    const emptied = write({ newBase: { base: base(3, 2), isLogKept: false }, entries: [entry(4, 2)] });
    expect(placesAfter(emptied)).toEqual(['base 3@2', '4@2']);
    expect(disk.recovered().termRanges).toEqual([{ firstIndex: 4, term: 2 }]);
  });

  it('has it whole, or not at all, after a crash', () => {
    disk.accept(write({ newBase: { base: base(3, 1), isLogKept: true } }));
    expect(disk.crash(0)).toBe(1);
    expect(disk.recovered().base.index).toBe(0);
    expect(disk.recovered().tail).toHaveLength(5);
  });

  it('reads what is above it, and holds what it stands for', () => {
    placesAfter(write({ newBase: { base: base(3, 1), isLogKept: true } }));
    expect(disk.read(4, 5, Infinity).map(({ index }) => index)).toEqual([4, 5]);
    expect([
      disk.holds(2, 1),
      disk.holds(3, 1),
      disk.holds(3, 2),
      disk.holds(5, 1),
      disk.holds(6, 1),
    ]).toEqual([true, true, false, true, false]);
  });
});
