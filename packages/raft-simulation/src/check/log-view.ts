/** What checks ask of the log in a core's state: terms by index, and where two logs agree. */

import type { NodeState, TermRange } from '@raftkv/core';

export type LogView = NodeState['log'];

export function lastIndexOf({ tail }: LogView): number {
  return tail.firstIndex + tail.entries.length - 1;
}

/** 0 where there is none: before the base, or above the last. */
export function termAt(log: LogView, index: number): number {
  if (index > lastIndexOf(log) || index < log.base.index) return 0;
  if (index === log.base.index) return log.base.term;
  const { termRanges } = log;
  for (let at = termRanges.length - 1; at >= 0; at -= 1) {
    const range = termRanges[at];
    if (range !== undefined && range.firstIndex <= index) return range.term;
  }
  return 0;
}

/**
 * Where two logs agree on an entry they agree on all before it: up to there, and from the base of both on, both tables of
 * terms are the same. Gives the entry on which they agree although they differ before it; 0 for none.
 */
export function mismatchBelow(one: LogView, other: LogView): number {
  const agreed = lastAgreed(one, other);
  const floor = Math.max(one.base.index, other.base.index);
  if (agreed <= floor) return 0;
  if (termAt(one, floor) !== termAt(other, floor)) return agreed;
  const [ranges, others] = [rangesAbove(one, floor), rangesAbove(other, floor)];
  for (let at = 0; ; at += 1) {
    const [range, counterpart] = [ranges[at], others[at]];
    const isWithin = range !== undefined && range.firstIndex <= agreed;
    const isCounterpartWithin = counterpart !== undefined && counterpart.firstIndex <= agreed;
    if (!isWithin && !isCounterpartWithin) return 0;
    if (range?.firstIndex !== counterpart?.firstIndex || range?.term !== counterpart?.term) return agreed;
  }
}

/** The table of a log that would begin behind `floor`. */
function rangesAbove(
  { base, termRanges }: LogView,
  floor: number,
): readonly { firstIndex: number; term: number }[] {
  if (base.index === floor) return termRanges;
  const first = floor + 1;
  const at = termRanges.findLastIndex(({ firstIndex }) => firstIndex <= first);
  return termRanges
    .slice(Math.max(at, 0))
    .map(({ firstIndex, term }) => ({ firstIndex: Math.max(firstIndex, first), term }));
}

/** The highest index at which both have the same term; 0 for none. A term has one range in a log. */
function lastAgreed(one: LogView, other: LogView): number {
  let [at, otherAt] = [one.termRanges.length - 1, other.termRanges.length - 1];
  while (at >= 0 && otherAt >= 0) {
    const [range, counterpart] = [one.termRanges[at], other.termRanges[otherAt]];
    if (range === undefined || counterpart === undefined) return 0;
    if (range.term === counterpart.term) {
      const end = Math.min(endOf(one, at), endOf(other, otherAt));
      if (end >= range.firstIndex && end >= counterpart.firstIndex) return end;
      at -= 1;
      otherAt -= 1;
    } else if (range.term > counterpart.term) at -= 1;
    else otherAt -= 1;
  }
  return 0;
}

function endOf(log: LogView, at: number): number {
  const next: TermRange | undefined = log.termRanges[at + 1];
  return next === undefined ? lastIndexOf(log) : next.firstIndex - 1;
}
