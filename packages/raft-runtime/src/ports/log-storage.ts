/** The port to the disk: where what must survive a crash is kept. */

import type { DurableRecord, Entry, LogIndex, NodeId, Persist } from '@raftkv/core';

/** One write of the core. Its parts take effect in the order hard state, truncation, entries. */
export type WriteBatch = Pick<Persist, 'hardState' | 'truncateFrom' | 'entries'>;

/** Random bytes that a data directory is given when it is made: another directory of the same node has others (R28). */
export type Incarnation = Uint8Array;

/** Bytes of an incarnation. */
export const INCARNATION_BYTES = 16;

/** What was found when the storage was opened. */
export interface StoredLog {
  /** What the core begins from. */
  readonly record: DurableRecord;
  /** Drawn when the directory was made, and kept as long as it lives. */
  readonly incarnation: Incarnation;
  /** The random id of the cluster, once the entry that carries it is known here to be committed (R27). */
  readonly clusterId: Uint8Array | null;
  /** The incarnation under which each peer was first met. */
  readonly members: ReadonlyMap<NodeId, Incarnation>;
}

/**
 * Writes are done in the order in which they were asked for, and a crash keeps a prefix of them: whole writes, then
 * perhaps the first parts of one. Several may be synced together. After the first error every later write fails too.
 *
 * No callback is called before the method that takes it has returned.
 */
export interface LogStorage {
  /**
   * Opens the storage and says what it holds, all of it durable from then on. To be called once, before anything else.
   *
   * @throws an error with a code that says what is wrong and what to do, if the storage is in use, belongs to another
   *   node or cluster, is of an unknown format or is damaged.
   */
  load(): Promise<StoredLog>;

  /** `done(null)` once the whole batch is on disk. */
  write(batch: WriteBatch, done: (error: Error | null) => void): void;

  /** Remembers, durably, under which incarnation `peer` was met, in order with the writes. */
  bindMember(peer: NodeId, incarnation: Incarnation, done: (error: Error | null) => void): void;

  /**
   * Entries `from` to `through`, which were written: at least one, and no more than fit in `bytesMax` otherwise. Fewer
   * are always allowed; none only where a truncation has overtaken the reading.
   */
  read(
    from: LogIndex,
    through: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): void;

  /** Ends what was begun, then lets go of the storage. Never throws; a second call waits for the first. */
  close(): Promise<void>;
}
