/** The end of the log in memory: its sums of bytes, its batches, and what is cut or forgotten. */

import { describe, expect, it } from 'vitest';
import { logIndex, term } from '../../src/index.ts';
import type { Entry } from '../../src/index.ts';
import { dataBytes, entryBytes } from '../../src/contract/entry.ts';
import {
  appendToTail,
  batchEnd,
  bytesThrough,
  cutTail,
  slice,
  tailEnd,
  tailOf,
  trimTail,
  type Tail,
} from '../../src/state/tail.ts';

/** Entries from `from` on with payloads of these lengths. */
function sized(from: number, ...lengths: number[]): Entry[] {
  return lengths.map((length, at) => ({
    index: logIndex(from + at),
    term: term(1),
    kind: 'command',
    data: new Uint8Array(length),
  }));
}

/** What the entries from `from` to `through` count, by the running sums. */
function bytesOf(tail: Tail, from: number, through: number): number {
  return bytesThrough(tail, logIndex(through)) - bytesThrough(tail, logIndex(from - 1));
}

function indexes(tail: Tail): number[] {
  return tail.entries.slice().map((entry) => entry.index);
}

describe('what an entry counts', () => {
  it('is its payload and 64 bytes', () => {
    expect([dataBytes(new Uint8Array(0)), entryBytes(sized(1, 10)[0]!)]).toEqual([64, 74]);
  });
});

describe('the sums of bytes', () => {
  it('give what lies between any two entries', () => {
    const tail = tailOf(logIndex(5), sized(5, 0, 1, 10, 100));
    expect([bytesOf(tail, 5, 5), bytesOf(tail, 6, 7), bytesOf(tail, 5, 8), bytesOf(tail, 8, 7)]).toEqual([
      64, 139, 367, 0,
    ]);
  });

  it('give the same after earlier entries were forgotten', () => {
    const tail = trimTail(tailOf(logIndex(5), sized(5, 0, 1, 10, 100)), logIndex(7));
    expect([bytesOf(tail, 7, 7), bytesOf(tail, 7, 8), bytesOf(tail, 7, 6)]).toEqual([74, 238, 0]);
  });

  it('go on after a cut from where the log then ends', () => {
    const cut = cutTail(tailOf(logIndex(1), sized(1, 5, 50, 500)), logIndex(2));
    const tail = appendToTail(cut, sized(2, 7, 8));
    expect([bytesOf(tail, 1, 1), bytesOf(tail, 2, 2), bytesOf(tail, 1, 3)]).toEqual([69, 71, 212]);
  });

  it('go on where everything was forgotten, and where everything was cut', () => {
    const whole = tailOf(logIndex(1), sized(1, 5, 50));
    const forgotten = appendToTail(trimTail(whole, logIndex(3)), sized(3, 1));
    const cut = appendToTail(cutTail(whole, logIndex(1)), sized(1, 1));
    expect([bytesOf(forgotten, 3, 3), bytesOf(cut, 1, 1)]).toEqual([65, 65]);
    expect([indexes(forgotten), indexes(cut)]).toEqual([[3], [1]]);
  });

  it('are nothing in an empty tail', () => {
    const tail = tailOf(logIndex(9), []);
    expect([tailEnd(tail), bytesThrough(tail, logIndex(8))]).toEqual([8, 0]);
  });
});

describe('a batch', () => {
  const tail = tailOf(logIndex(3), sized(3, 36, 36, 36, 36));

  it('takes as many entries as stay within the limit', () => {
    const ends = [99, 100, 199, 200, 300, 399, 400, 9999].map((max) => batchEnd(tail, logIndex(3), max));
    expect(ends).toEqual([3, 3, 3, 4, 5, 5, 6, 6]);
  });

  it('takes one entry of any size', () => {
    expect([batchEnd(tail, logIndex(3), 1), batchEnd(tail, logIndex(6), 1)]).toEqual([3, 6]);
  });

  it('counts from its own first entry', () => {
    expect([batchEnd(tail, logIndex(5), 100), batchEnd(tail, logIndex(5), 200)]).toEqual([5, 6]);
  });

  it('holds the entries from one index to another, both included', () => {
    const some = slice(tail, logIndex(4), logIndex(5));
    expect(some.map((entry) => entry.index)).toEqual([4, 5]);
  });
});

describe('cut and forgotten', () => {
  const tail = tailOf(logIndex(3), sized(3, 1, 2, 3, 4));

  it('cuts an index and all after it, and leaves the tail it was given', () => {
    expect([indexes(cutTail(tail, logIndex(5))), tailEnd(cutTail(tail, logIndex(5)))]).toEqual([[3, 4], 4]);
    expect(indexes(tail)).toEqual([3, 4, 5, 6]);
  });

  it('ends just before a cut below its first entry', () => {
    for (const from of [3, 2, 1]) {
      const cut = cutTail(tail, logIndex(from));
      expect([indexes(cut), cut.firstIndex, tailEnd(cut)]).toEqual([[], from, from - 1]);
    }
  });

  it('forgets what lies before an index, up to everything', () => {
    expect([indexes(trimTail(tail, logIndex(5))), trimTail(tail, logIndex(5)).firstIndex]).toEqual([
      [5, 6],
      5,
    ]);
    const none = trimTail(tail, logIndex(7));
    expect([indexes(none), tailEnd(none)]).toEqual([[], 6]);
    expect(indexes(tail)).toEqual([3, 4, 5, 6]);
  });

  it('forgets nothing at or before its first entry', () => {
    expect([trimTail(tail, logIndex(3)), trimTail(tail, logIndex(1))]).toEqual([tail, tail]);
  });
});
