/**
 * The end of the log in memory, with running sums of bytes: what lies between two entries costs a subtraction.
 */

import { logIndex, type LogIndex } from '../basics/brands.ts';
import { SharedList } from '../basics/shared-list.ts';
import { entryBytes, type Entry } from '../contract/entry.ts';

export interface Tail {
  /** Of the first entry here; one past the end of the log while there is none. */
  readonly firstIndex: LogIndex;
  /** Without a gap, to the end of the log. */
  readonly entries: SharedList<Entry>;
  /** For each entry the bytes of all entries since the start of the process, itself included. */
  readonly bytesThrough: SharedList<number>;
  /** The sum just before the first entry. */
  readonly bytesBefore: number;
}

export function tailOf(firstIndex: LogIndex, entries: readonly Entry[]): Tail {
  const empty = {
    firstIndex,
    entries: SharedList.of<Entry>([]),
    bytesThrough: SharedList.of<number>([]),
    bytesBefore: 0,
  };
  return appendToTail(empty, entries);
}

/** The index of the last entry; one below `firstIndex` while there is none. */
export function tailEnd(tail: Tail): LogIndex {
  return logIndex(tail.firstIndex + tail.entries.length - 1);
}

export function appendToTail(tail: Tail, entries: readonly Entry[]): Tail {
  let sum = bytesThrough(tail, tailEnd(tail));
  const sums = entries.map((entry) => (sum += entryBytes(entry)));
  return {
    firstIndex: tail.firstIndex,
    entries: tail.entries.appendAll(entries),
    bytesThrough: tail.bytesThrough.appendAll(sums),
    bytesBefore: tail.bytesBefore,
  };
}

/** The same of one entry, without lists to be gone through: what each proposal does. */
export function appendOneToTail(tail: Tail, entry: Entry): Tail {
  return {
    firstIndex: tail.firstIndex,
    entries: tail.entries.append(entry),
    bytesThrough: tail.bytesThrough.append(bytesThrough(tail, tailEnd(tail)) + entryBytes(entry)),
    bytesBefore: tail.bytesBefore,
  };
}

/** The bytes of all entries up to `index`, which is at least the one before the first; only differences mean anything. */
export function bytesThrough(tail: Tail, index: LogIndex): number {
  return index < tail.firstIndex ? tail.bytesBefore : tail.bytesThrough.at(index - tail.firstIndex);
}

/** Entries `from` to `through`, both in the tail. */
export function slice(tail: Tail, from: LogIndex, through: LogIndex): readonly Entry[] {
  return tail.entries.slice(from - tail.firstIndex, through - tail.firstIndex + 1);
}

/** The last index of a batch from `from` on that stays within `bytesMax`; one entry always fits. */
export function batchEnd(tail: Tail, from: LogIndex, bytesMax: number): LogIndex {
  const bytesBefore = bytesThrough(tail, logIndex(from - 1));
  const last = tailEnd(tail);
  const fits = (end: number) => bytesThrough(tail, logIndex(end)) - bytesBefore <= bytesMax;
  // Most batches are the whole rest of the log.
  if (fits(last)) return last;
  let low: number = from;
  let high: number = last;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return logIndex(low);
}

/** The tail of a log that ends before `from`. */
export function cutTail(tail: Tail, from: LogIndex): Tail {
  const kept = Math.max(from - tail.firstIndex, 0);
  return {
    firstIndex: from < tail.firstIndex ? from : tail.firstIndex,
    entries: tail.entries.keepFirst(kept),
    bytesThrough: tail.bytesThrough.keepFirst(kept),
    bytesBefore: tail.bytesBefore,
  };
}

/** Forgets what lies before `from`, which is at most one past the end. */
export function trimTail(tail: Tail, from: LogIndex): Tail {
  if (from <= tail.firstIndex) return tail;
  const count = from - tail.firstIndex;
  return {
    firstIndex: from,
    entries: tail.entries.dropFirst(count),
    bytesThrough: tail.bytesThrough.dropFirst(count),
    bytesBefore: bytesThrough(tail, logIndex(from - 1)),
  };
}
