/**
 * The terms of a whole log in a table with a line per term, so that the core answers for entries that only the disk
 * holds. Every function takes the table and the base before it.
 */

import { logIndex, type LogIndex, type Term } from '../basics/brands.ts';
import type { Entry } from '../contract/entry.ts';
import type { Base, TermRange } from '../contract/record.ts';

/** The term of entry `index`, which the caller knows to lie between the base and the end of the log. */
export function termIn(base: Base, ranges: readonly TermRange[], index: LogIndex): Term {
  return ranges[rangeOf(ranges, index)]?.term ?? base.term;
}

/** The last position at or below `index` whose term is at most `highest`; the base where there is none. */
export function lastWithin(
  base: Base,
  ranges: readonly TermRange[],
  index: LogIndex,
  highest: Term,
): LogIndex {
  let end: number = index;
  for (let at = rangeOf(ranges, index); at >= 0; at -= 1) {
    const range = ranges[at];
    if (range === undefined || range.term <= highest) return logIndex(end);
    end = range.firstIndex - 1;
  }
  return base.index;
}

/** The table after `entry` was appended; the same table where its term is the last one's. */
export function withEntry(ranges: readonly TermRange[], entry: Entry): readonly TermRange[] {
  if (ranges.at(-1)?.term === entry.term) return ranges;
  return [...ranges, { firstIndex: entry.index, term: entry.term }];
}

/** The table of a log that ends before `from`. */
export function before(ranges: readonly TermRange[], from: LogIndex): readonly TermRange[] {
  return ranges.slice(0, rangeOf(ranges, logIndex(from - 1)) + 1);
}

/** The table of a log that begins behind `index` and ends at `lastIndex`. */
export function after(
  ranges: readonly TermRange[],
  index: LogIndex,
  lastIndex: LogIndex,
): readonly TermRange[] {
  if (index >= lastIndex) return [];
  const firstIndex = logIndex(index + 1);
  const at = rangeOf(ranges, firstIndex);
  return ranges.slice(at).map((range) => (range.firstIndex < firstIndex ? { ...range, firstIndex } : range));
}

/** Where in the table `index` stands; −1 at or below the base. Logs have few terms, most questions are of the last. */
function rangeOf(ranges: readonly TermRange[], index: LogIndex): number {
  let at = ranges.length - 1;
  for (let range = ranges[at]; range !== undefined && range.firstIndex > index; range = ranges[at]) at -= 1;
  return at;
}
