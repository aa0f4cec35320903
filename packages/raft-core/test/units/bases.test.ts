/** A log that begins behind a base, beside one that keeps every entry in a list. Source: rules R21, R33. */

import { describe, expect, it } from 'vitest';
import { logIndex, noConfiguration, nodeId, term } from '../../src/index.ts';
import type { Base, Configuration, Entry, LogIndex } from '../../src/index.ts';
import {
  appendToLog,
  baseIn,
  compactLog,
  configurationAt,
  configurationIn,
  configurationIndexIn,
  cutLog,
  emptyLog,
  forgetBefore,
  lastAtOrBelow,
  lastIndex,
  lastTerm,
  termAt,
  type Log,
} from '../../src/state/log.ts';
import { Chance } from '../cluster-chance.ts';

const CASES = 50_000;
const NO_DATA = new Uint8Array(0);

/** Every entry there ever was, those before the base too: what a log is without compaction. */
class NaiveLog {
  baseIndex = 0;
  readonly first: Configuration;
  entries: Entry[] = [];

  constructor(first: Configuration) {
    this.first = first;
  }

  termAt(index: number): number | null {
    if (index < this.baseIndex || index > this.entries.length) return null;
    return index === 0 ? 0 : this.entries[index - 1]!.term;
  }

  lastAtOrBelow(index: number, highest: number): number | null {
    for (let at = Math.min(index, this.entries.length); at >= this.baseIndex; at -= 1)
      if (this.termAt(at)! <= highest) return at;
    return null;
  }

  configurationAt(index: number): { index: number; configuration: Configuration } {
    const found = this.entries.slice(0, index).findLast((entry) => entry.kind === 'configuration');
    return found?.kind === 'configuration' ? found : { index: 0, configuration: this.first };
  }

  baseAt(index: number): Base {
    const { index: configurationIndex, configuration } = this.configurationAt(index);
    return {
      index: logIndex(index),
      term: term(this.termAt(index)!),
      configuration,
      configurationIndex: logIndex(configurationIndex),
    };
  }
}

function anyEntries(chance: Chance, naive: NaiveLog): Entry[] {
  const list: Entry[] = [];
  let inTerm = naive.entries.at(-1)?.term ?? term(1);
  for (let count = Math.floor(chance.between(1, 6)); count > 0; count -= 1) {
    inTerm = term(inTerm + (chance.chance(0.3) ? chance.pick([1, 1, 3]) : 0));
    const index = logIndex(naive.entries.length + list.length + 1);
    const id = nodeId(`n${index}`);
    list.push(
      chance.chance(0.2)
        ? {
            index,
            term: inTerm,
            kind: 'configuration',
            data: NO_DATA,
            configuration: { kind: 'simple', voters: [{ id, data: NO_DATA }], learners: [], removed: [] },
          }
        : { index, term: inTerm, kind: 'command', data: NO_DATA },
    );
  }
  return list;
}

function isSame(one: Base, other: Base): boolean {
  return (
    one.index === other.index &&
    one.term === other.term &&
    one.configuration === other.configuration &&
    one.configurationIndex === other.configurationIndex
  );
}

/** Any change that a log may see; both are changed alike. */
function change(chance: Chance, log: Log, naive: NaiveLog): Log {
  const last = naive.entries.length;
  const within = (from: number, to: number) => logIndex(Math.floor(chance.between(from, to + 1)));
  const what = chance.pick(['append', 'append', 'append', 'cut', 'compact', 'compact', 'forget'] as const);
  if (what === 'cut' && last > naive.baseIndex) {
    const from = within(naive.baseIndex + 1, last);
    naive.entries = naive.entries.slice(0, from - 1);
    return cutLog(log, from);
  }
  if (what === 'compact' && last > naive.baseIndex) {
    const index = within(naive.baseIndex, last);
    const base = naive.baseAt(index);
    if (!isSame(base, baseIn(log, index))) throw new Error(`another base at ${index}`);
    naive.baseIndex = index;
    return compactLog(log, base);
  }
  if (what === 'forget') return forgetBefore(log, within(log.tail.firstIndex, last + 1));
  const list = anyEntries(chance, naive);
  naive.entries = [...naive.entries, ...list];
  return appendToLog(log, list);
}

/** The first thing that `log` answers otherwise; `null` where there is none. */
function difference(log: Log, naive: NaiveLog): string | null {
  const last = naive.entries.length;
  if (lastIndex(log) !== last || lastTerm(log) !== naive.termAt(last)) return `ends at ${lastIndex(log)}`;
  const { index, configuration } = naive.configurationAt(last);
  if (configurationIn(log) !== configuration || configurationIndexIn(log) !== index) return 'in force';
  for (let at = Math.max(naive.baseIndex - 2, 0); at <= last + 1; at += 1) {
    const place = logIndex(at);
    if (termAt(log, place) !== naive.termAt(at)) return `the term at ${at}`;
    for (const highest of [0, 1, 2, 3, 4, 5, lastTerm(log)]) {
      const found: LogIndex | null = lastAtOrBelow(log, place, term(highest));
      if (found !== naive.lastAtOrBelow(at, highest))
        return `the last at or below ${at}@${highest}: ${found}`;
    }
    if (at < naive.baseIndex || at > last) continue;
    if (configurationAt(log, place) !== naive.configurationAt(at).configuration) return `in force at ${at}`;
  }
  const { firstIndex, entries } = log.tail;
  if (entries.slice().some((entry, at) => entry !== naive.entries[firstIndex + at - 1])) return 'the tail';
  return log.termRanges.every((range, at) => range.term > (log.termRanges[at - 1]?.term ?? 0))
    ? null
    : 'ranges';
}

/** Of many logs, each changed some times. */
function firstDifference(chance: Chance): string | null {
  const first = noConfiguration();
  const none = logIndex(0);
  for (let done = 0; done < CASES;) {
    const naive = new NaiveLog(first);
    let log = emptyLog({ index: none, term: term(0), configuration: first, configurationIndex: none });
    for (let changes = 0; changes < 25; changes += 1, done += 1) {
      log = change(chance, log, naive);
      const found = difference(log, naive);
      if (found !== null) return `after ${done} changes: ${found}`;
    }
  }
  return null;
}

describe('a log behind a base', () => {
  it(`answers as one that keeps every entry, in ${CASES.toLocaleString('en')} random changes`, () => {
    expect(firstDifference(new Chance(33))).toBeNull();
  });

  it('has no base outside of it', () => {
    const base = {
      index: logIndex(3),
      term: term(2),
      configuration: noConfiguration(),
      configurationIndex: logIndex(0),
    };
    const log = emptyLog(base);
    expect(baseIn(log, logIndex(3))).toEqual(base);
    for (const index of [2, 4]) expect(() => baseIn(log, logIndex(index))).toThrow('base-within-log');
  });
});
