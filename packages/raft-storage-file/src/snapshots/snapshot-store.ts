/**
 * The snapshots of a directory: which there are, which may be named, and which may go. The base record in the log decides:
 * what is newer than the base, and named by none, never counted (R33).
 */

import { logIndex, type Base, type LogIndex } from '@raftkv/core';
import { encodeSnapshotHead, type SnapshotHead, type StoredSnapshot } from '@raftkv/runtime';
import { DamagedError, StorageClosedError } from '../errors.ts';
import type { FileSystem } from '../files/file-system.ts';
import { snapshotIndex, snapshotName, unfinishedSnapshotName } from '../format/snapshot-name.ts';
import { SnapshotReader } from './snapshot-reader.ts';
import { SnapshotWriting } from './snapshot-writing.ts';

export class SnapshotStore {
  private readonly files: FileSystem;
  private readonly directory: string;
  private readonly incarnation: Uint8Array;
  /** On disk under their names; the head is `null` where it was not looked at, and is not going to be named. */
  private readonly kept = new Map<LogIndex, SnapshotHead | null>();
  private readonly writings = new Map<SnapshotWriting, Promise<void>>();
  /** What gives or takes a name, one after another: two snapshots may be of one index. */
  private naming: Promise<unknown> = Promise.resolve();
  private readonly readers = new Set<SnapshotReader>();
  private isClosed = false;
  /** Snapshots begun. */
  private begun = 0;

  constructor(files: FileSystem, directory: string, incarnation: Uint8Array) {
    this.files = files;
    this.directory = directory;
    this.incarnation = incarnation;
  }

  /**
   * Looks at what is there, and removes what is of no use: all that is newer than `base`, and of the older ones all but the
   * newest. Says the index of that, or 0.
   *
   * @throws {DamagedError} if the snapshot of the base is missing, or is not the one that the log names.
   */
  async recover(base: Base, clusterId: Uint8Array | null): Promise<LogIndex> {
    const names = await this.files.list(this.directory);
    const indexes = names.map(snapshotIndex).filter((index) => index !== null);
    const older = logIndex(Math.max(0, ...indexes.filter((index) => index < base.index)));
    if (base.index > 0) this.kept.set(base.index, await this.headOfBase(base, clusterId, indexes));
    if (older > 0) this.kept.set(older, null);
    await this.remove(indexes.filter((index) => !this.kept.has(index)));
    return older;
  }

  /** Of the snapshot at `index`, if it was written or named here. */
  headOf(index: LogIndex): SnapshotHead | null {
    return this.kept.get(index) ?? null;
  }

  /** Resolves when it is on disk under its name. @throws as `SnapshotWriting.write` does. */
  async write(head: SnapshotHead, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.isClosed) throw new StorageClosedError();
    const { files, directory, incarnation } = this;
    const { index } = head.base;
    this.begun += 1;
    const unfinishedPath = `${directory}/${unfinishedSnapshotName(index, this.begun)}`;
    const place = { files, directory, incarnation, unfinishedPath, path: this.pathOf(index) };
    const writing = new SnapshotWriting(place, head);
    const written = this.writeAndName(writing, head, content);
    this.writings.set(writing, written);
    try {
      await written;
    } finally {
      this.writings.delete(writing);
    }
  }

  /** @throws if there is none at `index`. @throws {DamagedError} if it does not begin as it was written. */
  async open(index: LogIndex): Promise<StoredSnapshot> {
    if (this.isClosed) throw new StorageClosedError();
    if (!this.kept.has(index)) throw new RangeError(`there is no snapshot at ${index}`);
    const { files, incarnation } = this;
    const onClosed = (closed: SnapshotReader) => this.readers.delete(closed);
    const { head, reader } = await SnapshotReader.open(
      files,
      this.pathOf(index),
      incarnation,
      index,
      onClosed,
    );
    this.readers.add(reader);
    // Closed meanwhile, without this one.
    if (this.isClosed) await reader.close();
    return { head, content: reader };
  }

  /** Removes all before that of the base but `older`, also those that no base has named. Who reads one of them goes on. */
  async keepOnly(older: LogIndex, named: LogIndex): Promise<void> {
    await this.inTurn(() =>
      this.remove([...this.kept.keys()].filter((index) => index < named && index !== older)),
    );
  }

  /** Ends what is being written, and waits until nothing of it is left; ends what is being read. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const writing of this.writings.keys()) writing.stop();
    await Promise.allSettled(this.writings.values());
    await this.naming;
    await Promise.allSettled([...this.readers].map((reader) => reader.close()));
  }

  private async writeAndName(
    writing: SnapshotWriting,
    head: SnapshotHead,
    content: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const { index } = head.base;
    await writing.write(content);
    await this.inTurn(async () => {
      await writing.publish(this.kept.has(index));
      this.kept.set(index, head);
    });
  }

  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.naming.then(work);
    this.naming = done.catch(() => {});
    return done;
  }

  private async headOfBase(
    base: Base,
    clusterId: Uint8Array | null,
    indexes: readonly LogIndex[],
  ): Promise<SnapshotHead> {
    const path = this.pathOf(base.index);
    if (!indexes.includes(base.index)) {
      throw new DamagedError(path, 0, 'the file is missing, though the log begins behind it');
    }
    const { head, reader } = await SnapshotReader.open(this.files, path, this.incarnation, base.index);
    await reader.close();
    if (clusterId === null || !isSame(head, { base, clusterId })) {
      throw new DamagedError(path, 0, 'its head says something else than the log that begins behind it');
    }
    return head;
  }

  private async remove(indexes: readonly LogIndex[]): Promise<void> {
    for (const index of indexes) {
      this.kept.delete(index);
      await this.files.remove(this.pathOf(index));
    }
    if (indexes.length > 0) await this.files.syncDirectory(this.directory);
  }

  private pathOf(index: LogIndex): string {
    return `${this.directory}/${snapshotName(index)}`;
  }
}

/** Equal heads are equal bytes. */
export function isSame(one: SnapshotHead, other: SnapshotHead): boolean {
  return Buffer.compare(encodeSnapshotHead(one), encodeSnapshotHead(other)) === 0;
}
