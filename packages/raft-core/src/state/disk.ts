/**
 * What was handed out to be written, and how much of it is known to be on disk. `persisted` speaks of writes, never of
 * entries: the same index may be written, truncated and written again while the first write is still under way.
 */

import { logIndex, type LogIndex, type NodeId, type Term, type WriteNumber } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import type { HardState } from '../contract/record.ts';

/** A write handed out and not yet known to be on disk. */
export interface PendingWrite {
  /** Its number; rises by one with each write. */
  readonly write: WriteNumber;
  /** The last index that the log on disk has after it; lowered by later truncations. */
  readonly lastIndex: LogIndex;
  /** `currentTerm` as it is on disk once this is done. */
  readonly term: Term;
  /** The vote as it is on disk once this is done. */
  readonly votedFor: NodeId | null;
  /** The longest promise as it is on disk once this is done (R20). */
  readonly promiseMs: number;
  /** When it was handed out, in the time of `nowMs` (R15). */
  readonly sinceMs: number;
}

export interface Disk {
  /** The last write handed out; 0 before the first. */
  readonly lastWrite: WriteNumber;
  /** Up to this one all writes are on disk; 0 before the first. */
  readonly persistedWrite: WriteNumber;
  /** Those between `persistedWrite` and `lastWrite`, in order. */
  readonly pending: readonly PendingWrite[];
  /** Up to here the log as it now stands is on disk. */
  readonly durableIndex: LogIndex;
  /** The highest `currentTerm` that is on disk. */
  readonly durableTerm: Term;
  /** The vote that is on disk in `durableTerm`; `null` while none is. */
  readonly durableVote: NodeId | null;
  /** The longest promise that is on disk; 0 for none (R20). */
  readonly durablePromiseMs: number;
  /** The hard state of the last write handed out. */
  readonly handedState: HardState;
  /** The last index that the log on disk will have once `lastWrite` is done. */
  readonly handedThrough: LogIndex;
  /** The lowest index that differs from what was handed out; one past the end where none does. */
  readonly dirtyFrom: LogIndex;
  /** The log has a base that was not handed out: what is on disk above it stays, or is gone (R33). `null` for none. */
  readonly owedBase: 'log-kept' | 'log-emptied' | null;
}

/** The disk just after a recovery: all that is known is durable. */
export function recoveredDisk(hardState: HardState, lastIndex: LogIndex, noWrite: WriteNumber): Disk {
  return {
    lastWrite: noWrite,
    persistedWrite: noWrite,
    pending: [],
    durableIndex: lastIndex,
    durableTerm: hardState.currentTerm,
    durableVote: hardState.votedFor,
    durablePromiseMs: hardState.promiseMs ?? 0,
    handedState: hardState,
    handedThrough: lastIndex,
    dirtyFrom: logIndex(lastIndex + 1),
    owedBase: null,
  };
}

/** The log has a new base, and keeps what is above it. */
export function keepDisk(disk: Disk): Disk {
  return { ...disk, owedBase: disk.owedBase ?? 'log-kept' };
}

/** The log begins anew behind `baseIndex`: no write before now can make any of it durable (R4). */
export function resetDisk(disk: Disk, baseIndex: LogIndex): Disk {
  const nothing = logIndex(0);
  return {
    ...disk,
    pending: disk.pending.map((write) => ({ ...write, lastIndex: nothing })),
    durableIndex: nothing,
    handedThrough: baseIndex,
    dirtyFrom: logIndex(baseIndex + 1),
    owedBase: 'log-emptied',
  };
}

/** The log lost entry `from` and all after it: no write before now can make them durable again (R4, A-B-A). */
export function truncateDisk(disk: Disk, from: LogIndex): Disk {
  const end = logIndex(from - 1);
  return {
    ...disk,
    pending: disk.pending.map((write) => (write.lastIndex > end ? { ...write, lastIndex: end } : write)),
    durableIndex: lower(disk.durableIndex, end),
    dirtyFrom: lower(disk.dirtyFrom, from),
  };
}

/** Write `write` and all before it are on disk. A repeated or late report changes nothing. */
export function persistThrough(disk: Disk, write: WriteNumber): Disk {
  invariant(write <= disk.lastWrite, 'write-order', () => `persisted ${write}, handed out ${disk.lastWrite}`);
  if (write <= disk.persistedWrite) return disk;

  const done = disk.pending.findLast((pending) => pending.write <= write);
  return {
    lastWrite: disk.lastWrite,
    persistedWrite: write,
    pending: disk.pending.filter((pending) => pending.write > write),
    durableIndex: done?.lastIndex ?? disk.durableIndex,
    durableTerm: done?.term ?? disk.durableTerm,
    durableVote: done === undefined ? disk.durableVote : done.votedFor,
    durablePromiseMs: done?.promiseMs ?? disk.durablePromiseMs,
    handedState: disk.handedState,
    handedThrough: disk.handedThrough,
    dirtyFrom: disk.dirtyFrom,
    owedBase: disk.owedBase,
  };
}

/** The log up to `lastIndex` and `hardState` were handed out as write `write`. */
export function handOut(
  disk: Disk,
  write: WriteNumber,
  hardState: HardState,
  lastIndex: LogIndex,
  nowMs: number,
): Disk {
  invariant(write === disk.lastWrite + 1, 'writes-ascend', () => `write ${write} after ${disk.lastWrite}`);
  const { currentTerm, votedFor, promiseMs = 0 } = hardState;
  return {
    lastWrite: write,
    persistedWrite: disk.persistedWrite,
    pending: [...disk.pending, { write, lastIndex, term: currentTerm, votedFor, promiseMs, sinceMs: nowMs }],
    durableIndex: disk.durableIndex,
    durableTerm: disk.durableTerm,
    durableVote: disk.durableVote,
    durablePromiseMs: disk.durablePromiseMs,
    handedState: hardState,
    handedThrough: lastIndex,
    dirtyFrom: logIndex(lastIndex + 1),
    owedBase: null,
  };
}

/** Since when the oldest write is under way; `null` while none is. */
export function stalledSinceMs(disk: Disk): number | null {
  return disk.pending[0]?.sinceMs ?? null;
}

function lower(one: LogIndex, other: LogIndex): LogIndex {
  return one < other ? one : other;
}
