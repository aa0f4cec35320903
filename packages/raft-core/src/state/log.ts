/** The replicated log as the core sees it: its base, the term of every entry, and the entries at its end. */

import { logIndex, type LogIndex, type Term } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import type { Configuration, IndexedConfiguration } from '../contract/configuration.ts';
import type { Entry } from '../contract/entry.ts';
import type { Base, TermRange } from '../contract/record.ts';
import { appendOneToTail, appendToTail, cutTail, tailEnd, tailOf, trimTail, type Tail } from './tail.ts';
import { after, before, lastWithin, termIn, withEntry } from './term-ranges.ts';

export interface Log {
  /** What stands before the first entry. */
  readonly base: Base;
  /** The term of each entry after the base, those of the tail too. */
  readonly termRanges: readonly TermRange[];
  /** The configurations after the base, by index, also those that only the disk holds (R21). */
  readonly configurations: readonly IndexedConfiguration[];
  /** The last entries; those before it are only on disk. */
  readonly tail: Tail;
}

export function lastIndex(log: Log): LogIndex {
  return tailEnd(log.tail);
}

export function lastTerm(log: Log): Term {
  return log.termRanges.at(-1)?.term ?? log.base.term;
}

/** The term of entry `index`, or `null` where the log has none: below the base, or above the end. */
export function termAt(log: Log, index: LogIndex): Term | null {
  if (index < log.base.index || index > lastIndex(log)) return null;
  return termIn(log.base, log.termRanges, index);
}

/** The last position at or below `index` whose term is at most `highest`; `null` where it lies before the base. */
export function lastAtOrBelow(log: Log, index: LogIndex, highest: Term): LogIndex | null {
  if (index < log.base.index) return null;
  const within = index < lastIndex(log) ? index : lastIndex(log);
  const found = lastWithin(log.base, log.termRanges, within, highest);
  return found === log.base.index && log.base.term > highest ? null : found;
}

/**
 * Is a log that ends in (`index`, `term`) at least as up-to-date as this one? The later last term wins, then the
 * longer log. Source: Raft §5.4.1.
 */
export function isUpToDate(log: Log, index: LogIndex, term: Term): boolean {
  if (term !== lastTerm(log)) return term > lastTerm(log);
  return index >= lastIndex(log);
}

/** The configuration in force: the last appended, committed or not. Source: Raft §6. */
export function configurationIn(log: Log): Configuration {
  return log.configurations.at(-1)?.configuration ?? log.base.configuration;
}

/** Of the entry that the configuration in force came with. */
export function configurationIndexIn(log: Log): LogIndex {
  return log.configurations.at(-1)?.index ?? log.base.configurationIndex;
}

/** The configuration that was in force at entry `index`, which is at or above the base. */
export function configurationAt(log: Log, index: LogIndex): Configuration {
  if (log.configurations.length === 0) return log.base.configuration;
  return log.configurations.findLast((one) => one.index <= index)?.configuration ?? log.base.configuration;
}

/** Appends `entries`, at least one; they follow the end of the log. */
export function appendToLog(log: Log, entries: readonly Entry[]): Log {
  let { termRanges, configurations } = log;
  let index: number = lastIndex(log);
  let term = lastTerm(log);
  for (const entry of entries) {
    invariant(
      entry.index === index + 1 && entry.term >= term,
      'append-contiguous',
      () => `${name(entry)} after ${index}`,
    );
    index += 1;
    if (entry.kind === 'configuration') {
      configurations = [...configurations, { index: entry.index, configuration: entry.configuration }];
    }
    if (entry.term === term && termRanges.length > 0) continue;
    term = entry.term;
    termRanges = withEntry(termRanges, entry);
  }
  return { base: log.base, termRanges, configurations, tail: appendToTail(log.tail, entries) };
}

/** The same of one entry. Most are of the last one's term, and move nothing but the end. */
export function appendOne(log: Log, entry: Entry): Log {
  const { base, termRanges, configurations, tail } = log;
  const movesEndAlone =
    entry.index === lastIndex(log) + 1 &&
    entry.kind !== 'configuration' &&
    entry.term === termRanges.at(-1)?.term;
  if (!movesEndAlone) return appendToLog(log, [entry]);
  return { base, termRanges, configurations, tail: appendOneToTail(tail, entry) };
}

/** The log before `from`; `from` is above the base and at most the last index. */
export function cutLog(log: Log, from: LogIndex): Log {
  return {
    base: log.base,
    termRanges: before(log.termRanges, from),
    configurations: log.configurations.filter(({ index }) => index < from),
    tail: cutTail(log.tail, from),
  };
}

/** What a snapshot at `index` stands for: a base for the log (R21). */
export function baseIn(log: Log, index: LogIndex): Base {
  const term = termAt(log, index);
  invariant(term !== null, 'base-within-log', () => `${index} of ${log.base.index} to ${lastIndex(log)}`);
  const last = log.configurations.findLast((one) => one.index <= index);
  if (last === undefined) return { ...log.base, index, term };
  return { index, term, configuration: last.configuration, configurationIndex: last.index };
}

/** The log behind `base`, which it holds. */
export function compactLog(log: Log, base: Base): Log {
  return {
    base,
    termRanges: after(log.termRanges, base.index, lastIndex(log)),
    configurations: log.configurations.filter(({ index }) => index > base.index),
    tail: trimTail(log.tail, next(base.index)),
  };
}

/** A log that has nothing behind `base`. */
export function emptyLog(base: Base): Log {
  return { base, termRanges: [], configurations: [], tail: tailOf(next(base.index), []) };
}

/** The log without the entries before `from` in memory; they are on disk still. */
export function forgetBefore({ base, termRanges, configurations, tail }: Log, from: LogIndex): Log {
  return { base, termRanges, configurations, tail: trimTail(tail, from) };
}

/** What `entries`, contiguous from `from` on, still have in common with the log: a truncated one is another (R5). */
export function stillInLog(log: Log, from: LogIndex, entries: readonly Entry[]): readonly Entry[] {
  const gone = entries.findIndex(
    (entry, at) => entry.index !== from + at || termAt(log, entry.index) !== entry.term,
  );
  return gone === -1 ? entries : entries.slice(0, gone);
}

export function next(index: LogIndex): LogIndex {
  return logIndex(index + 1);
}

export function previous(index: LogIndex): LogIndex {
  return logIndex(index - 1);
}

function name(entry: Entry): string {
  return `${entry.index}@${entry.term}`;
}
