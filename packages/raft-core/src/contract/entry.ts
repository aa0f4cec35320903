/** One position of the replicated log. Source: Raft §5.3. */

import type { LogIndex, Term } from '../basics/brands.ts';

/** `no-op` opens a leader's term (Raft §8); `command` carries bytes of the host. */
export type EntryKind = 'command' | 'no-op';

/** A command, or the no-op of a new leader, at its place in the log. */
export interface Entry {
  /** One above that of the entry before it. */
  readonly index: LogIndex;
  /** Of the leader that appended it; never below that of the entry before it. */
  readonly term: Term;
  /** Only a command means something to the host's state machine. */
  readonly kind: EntryKind;
  /** Belongs to the core from `propose` or `receive` on: the host never changes it afterwards (R9). */
  readonly data: Uint8Array;
}

/** What an entry counts beside its payload, for its place in memory, in messages and on disk. */
const ENTRY_OVERHEAD_BYTES = 64;

/** What an entry counts against every limit in bytes: its payload and 64. */
export function entryBytes(entry: Entry): number {
  return dataBytes(entry.data);
}

/** What an entry with this payload will count. */
export function dataBytes(data: Uint8Array): number {
  return data.length + ENTRY_OVERHEAD_BYTES;
}

export function isEntryKind(kind: unknown): kind is EntryKind {
  return kind === 'command' || kind === 'no-op';
}
