/** The port to the disk: where what must survive a crash is kept. */

import type { Base, DurableRecord, Entry, LogIndex, NodeId, Persist } from '@raftkv/core';

/** One write of the core. Its parts take effect in the order hard state, base, truncation, entries. */
export type WriteBatch = Pick<Persist, 'hardState' | 'newBase' | 'truncateFrom' | 'entries'>;

/** What has to be known of a snapshot beside its content. */
export interface SnapshotHead {
  /** What it stands for. */
  readonly base: Base;
  /** Of the cluster that it is of (R27). */
  readonly clusterId: Uint8Array;
}

/** A snapshot that is kept. */
export interface StoredSnapshot {
  /** As it was given with the content. */
  readonly head: SnapshotHead;
  /** The bytes that were given, in pieces of any size; read as they are asked for. @throws if they are damaged. */
  readonly content: AsyncIterable<Uint8Array>;
}

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
  /** The random id of the cluster, once the entry that carries it, or a snapshot, is known here to be committed (R27). */
  readonly clusterId: Uint8Array | null;
  /** Was the storage made without members, for a node that joins a cluster that there is (R28)? */
  readonly hasJoined: boolean;
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

  /**
   * Keeps a snapshot. Resolves when it is on disk, whole and under its name; nothing rests on it yet. A write whose
   * `newBase` names it makes it the one that the log begins behind: what is not named then, and is older than the one named
   * before, may go; what is newer than the one named goes when the storage is opened (R33). Of one index there is one, the
   * last given. Several may be given at once.
   *
   * @throws what `content` throws, as it is, or an error of the disk: then there is nothing of it, and the storage can be
   *   used as before.
   */
  writeSnapshot(head: SnapshotHead, content: AsyncIterable<Uint8Array>): Promise<void>;

  /**
   * The snapshot at `index`, which a write has named as its base. What was opened can be read to its end, also when a later
   * write lets it go.
   *
   * @throws if there is none.
   */
  openSnapshot(index: LogIndex): Promise<StoredSnapshot>;

  /** Ends what was begun, then lets go of the storage. Never throws; a second call waits for the first. */
  close(): Promise<void>;
}
