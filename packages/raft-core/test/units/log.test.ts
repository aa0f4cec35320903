/** The log's arithmetic: terms of entries, comparison of ends, append and cut. Source: Raft §5.3, §5.4.1. */

import { describe, expect, it } from 'vitest';
import { emptyRecord, logIndex, term, type Entry } from '../../src/index.ts';
import {
  appendOne,
  appendToLog,
  cutLog,
  isUpToDate,
  lastAtOrBelow,
  lastIndex,
  lastTerm,
  stillInLog,
  termAt,
  type Log,
} from '../../src/state/log.ts';
import { tailOf, trimTail } from '../../src/state/tail.ts';
import { before, withEntry } from '../../src/state/term-ranges.ts';
import { draw, seededRandom } from '../../src/basics/random.ts';
import { configuration, entries, termRanges } from '../support/messages.ts';

const { base } = emptyRecord(configuration('a b c'));

function logOf(text: string): Log {
  const all = entries(text);
  return { base, termRanges: termRanges(all), configurations: [], tail: tailOf(logIndex(1), all) };
}

/** `index@term` of each position from 1 to `through`, as the log answers. */
function names(log: Log, through: number): string {
  return Array.from({ length: through }, (_, at) => `${at + 1}@${termAt(log, logIndex(at + 1))}`).join(' ');
}

function configured(entry: Entry): Entry {
  return { ...entry, kind: 'configuration', configuration: configuration('a b') };
}

describe('the term of an entry', () => {
  const log = logOf('1@1 2@1 3@4 4@4 5@6');

  it('is found for each position of the log', () => {
    expect(names(log, 5)).toBe('1@1 2@1 3@4 4@4 5@6');
    expect([lastIndex(log), lastTerm(log)]).toEqual([5, 6]);
  });

  it('is 0 at the base, and none above the end', () => {
    expect([termAt(log, logIndex(0)), termAt(log, logIndex(6))]).toEqual([0, null]);
    const empty = logOf('');
    expect([lastIndex(empty), lastTerm(empty), termAt(empty, logIndex(1))]).toEqual([0, 0, null]);
  });

  it('is known for entries that memory no longer holds', () => {
    const trimmed = { ...log, tail: trimTail(log.tail, logIndex(5)) };
    expect(names(trimmed, 5)).toBe('1@1 2@1 3@4 4@4 5@6');
    expect(trimmed.tail.entries.length).toBe(1);
  });
});

describe('the last position whose term is at most another', () => {
  const log = logOf('1@1 2@1 3@4 4@4 5@6');
  const last = (index: number, highest: number) => lastAtOrBelow(log, logIndex(index), term(highest));

  it('is the position itself where its own term is no higher', () => {
    expect([last(5, 6), last(4, 4), last(4, 5), last(1, 1)]).toEqual([5, 4, 4, 1]);
  });

  it('passes over every range of a higher term', () => {
    expect([last(5, 5), last(5, 4), last(5, 3), last(4, 1)]).toEqual([4, 4, 2, 2]);
  });

  it('is the base where every term below is higher', () => {
    expect([last(5, 0), last(0, 9)]).toEqual([0, 0]);
  });

  it('is within the log, however far above it was asked', () => {
    expect([last(99, 9), last(99, 4)]).toEqual([5, 4]);
  });

  it('agrees with a walk through all entries, in random logs', () => {
    let random = seededRandom(9);
    const pick = (below: number) => {
      const drawn = draw(random);
      ({ random } = drawn);
      return Math.floor(drawn.value * below);
    };
    for (let round = 0; round < 300; round += 1) {
      let inTerm = 1;
      const text = Array.from({ length: 1 + pick(12) }, (_, at) => `${at + 1}@${(inTerm += pick(3))}`);
      const some = logOf(text.join(' '));
      const all = entries(text.join(' '));
      const [index, highest] = [pick(15), pick(20)];
      const found = all.findLast((entry) => entry.index <= index && entry.term <= highest)?.index ?? 0;
      expect(lastAtOrBelow(some, logIndex(index), term(highest))).toBe(found);
    }
  });
});

describe('the comparison of two logs', () => {
  const log = logOf('1@1 2@4 3@4');
  const isAtLeast = (index: number, inTerm: number) => isUpToDate(log, logIndex(index), term(inTerm));

  it('is won by the later last term, however short the log', () => {
    expect([isAtLeast(1, 5), isAtLeast(99, 3), isAtLeast(0, 0)]).toEqual([true, false, false]);
  });

  it('is won by the longer log where the terms are equal, and by both where the lengths are', () => {
    expect([isAtLeast(2, 4), isAtLeast(3, 4), isAtLeast(4, 4)]).toEqual([false, true, true]);
  });
});

describe('append and cut', () => {
  it('appends entries with one line in the table for each term', () => {
    const log = appendToLog(logOf('1@1'), entries('2@1 3@3 4@3 5@5'));
    expect(names(log, 5)).toBe('1@1 2@1 3@3 4@3 5@5');
    expect(log.termRanges).toEqual(termRanges(entries('1@1 2@1 3@3 4@3 5@5')));
  });

  it('keeps the table as it is where no term begins, and never changes an older one', () => {
    const log = logOf('1@1');
    expect(appendToLog(log, entries('2@1')).termRanges).toBe(log.termRanges);
    expect(withEntry(log.termRanges, entries('2@1')[0]!)).toBe(log.termRanges);
    const longer = withEntry(log.termRanges, entries('2@2')[0]!);
    expect([log.termRanges.length, longer.length]).toEqual([1, 2]);
  });

  it('takes no entry that leaves a gap, repeats an index, or goes back in term', () => {
    for (const text of ['3@4', '1@4', '2@3', '2@4 4@4', '2@5 3@4']) {
      expect(() => appendToLog(logOf('1@4'), entries(text))).toThrow('append-contiguous');
    }
  });

  it('appends one as it appends many', () => {
    for (const text of ['', '1@4', '1@2 2@4', '1@4 2@4']) {
      const log = logOf(text);
      const next = lastIndex(log) + 1;
      const [command] = entries(`${next}@4`);
      for (const one of [command!, ...entries(`${next}@5`), configured(command!)]) {
        expect(appendOne(log, one)).toEqual(appendToLog(log, [one]));
      }
      for (const one of entries(`${next + 1}@4 ${next - 1}@4`)) {
        expect(() => appendOne(log, one)).toThrow('append-contiguous');
      }
    }
    expect(() => appendOne(logOf('1@4'), entries('2@3')[0]!)).toThrow('append-contiguous');
  });

  it('cuts the table where it cuts the log', () => {
    const log = logOf('1@1 2@1 3@4 4@4 5@6');
    const cuts = [1, 2, 3, 4, 5].map((from) => cutLog(log, logIndex(from)));
    expect(cuts.map((cut) => cut.termRanges.length)).toEqual([0, 1, 1, 2, 2]);
    expect(cuts.map((cut) => lastTerm(cut))).toEqual([0, 1, 1, 4, 4]);
    expect(cuts.map((cut) => lastIndex(cut))).toEqual([0, 1, 2, 3, 4]);
    expect(names(log, 5)).toBe('1@1 2@1 3@4 4@4 5@6');
  });

  it('gives a table that ends before an index', () => {
    const ranges = termRanges(entries('1@1 2@1 3@4'));
    expect([1, 2, 3, 4].map((from) => before(ranges, logIndex(from)).length)).toEqual([0, 1, 1, 2]);
  });

  it('cuts below what memory holds, and goes on from there', () => {
    const log = logOf('1@1 2@1 3@4 4@4 5@6');
    const trimmed = { ...log, tail: trimTail(log.tail, logIndex(5)) };
    const cut = cutLog(trimmed, logIndex(3));
    expect([lastIndex(cut), cut.tail.firstIndex]).toEqual([2, 3]);
    const replaced = appendToLog(cut, entries('3@7'));
    expect(names(replaced, 3)).toBe('1@1 2@1 3@7');
    expect(replaced.tail.entries.slice()).toEqual(entries('3@7'));
  });
});

describe('what was read from the disk', () => {
  const log = logOf('1@1 2@1 3@4');
  const still = (from: number, text: string) =>
    stillInLog(log, logIndex(from), entries(text))
      .map((entry) => entry.index)
      .join(' ');

  it('counts up to the first entry that is another, out of place, or beyond the end', () => {
    expect(still(1, '1@1 2@1 3@4')).toBe('1 2 3');
    expect(still(2, '2@1 3@3')).toBe('2');
    expect(still(2, '2@1 3@4 4@4')).toBe('2 3');
    expect(still(1, '1@1 3@4')).toBe('1');
    expect(still(1, '2@1 3@4')).toBe('');
    expect(still(1, '')).toBe('');
  });
});
