/** The log port over files. */

import { ByteWriter } from '@raftkv/codec';
import {
  CLUSTER_ID_BYTES,
  emptyRecord,
  votersOf,
  type Configuration,
  type Entry,
  type LogIndex,
  type NewBase,
  type NodeId,
} from '@raftkv/core';
import { writeConfiguration } from '@raftkv/runtime';
import type {
  Incarnation,
  LogStorage,
  SnapshotHead,
  StoredLog,
  StoredSnapshot,
  WriteBatch,
} from '@raftkv/runtime';
import { openDirectory } from './directory.ts';
import { StorageClosedError } from './errors.ts';
import type { Done } from './files/file-system.ts';
import type { BaseRecord, Head, LogRecord } from './format/log-record.ts';
import { StorageInvariantViolation } from './invariants.ts';
import type { LogImage, Position } from './log/log-image.ts';
import { LogReader } from './log/log-reader.ts';
import { LogWriter } from './log/log-writer.ts';
import { recoverLog, type RecoveredLog } from './log/recovery.ts';
import { Retention } from './log/retention.ts';
import type { Segment } from './log/segment.ts';
import { SegmentSupply } from './log/segment-supply.ts';
import { completeOptions, type CompleteOptions, type FileStorageOptions } from './options.ts';
import { isSame as isSameHead, SnapshotStore } from './snapshots/snapshot-store.ts';

/** What there is while the directory is open. */
interface OpenLog {
  readonly image: LogImage;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly supply: SegmentSupply;
  readonly segments: Map<number, Segment>;
  readonly snapshots: SnapshotStore;
  readonly retention: Retention;
  readonly unlock: () => Promise<void>;
}

/** The log of one node in files of one directory, for one start of that node. */
export class FileLogStorage implements LogStorage {
  private readonly options: CompleteOptions;
  private open: OpenLog | null = null;
  private closing: Promise<void> | null = null;
  /** A promise that the caller has broken: nothing is written after it. */
  private violation: StorageInvariantViolation | null = null;

  /** Touches nothing yet. @throws {RangeError} if `segmentBytes` is out of range. */
  constructor(options: FileStorageOptions) {
    this.options = completeOptions(options);
  }

  /**
   * @throws {DirectoryLockedError} if a running node has the directory.
   * @throws {WrongDirectoryError} if it belongs to another node or cluster.
   * @throws {UnknownFormatError} if a file is of a version that this release does not read.
   * @throws {DamagedError} if bytes that were once on disk are not there.
   */
  async load(): Promise<StoredLog> {
    const { files, directory } = this.options;
    if (this.open !== null || this.closing !== null) throw new StorageClosedError();
    await files.makeDirectory(directory);
    const unlock = await files.lock(directory);
    try {
      return await this.recover(unlock);
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  write({ hardState, newBase, truncateFrom, entries }: WriteBatch, done: Done): void {
    const records: LogRecord[] = [];
    if (hardState !== null) records.push({ kind: 'hardState', hardState });
    if (newBase !== null) records.push(this.baseRecord(newBase));
    if (truncateFrom !== null) records.push({ kind: 'truncation', from: truncateFrom });
    for (const entry of entries) records.push({ kind: 'entry', entry });
    const retention = newBase === null ? undefined : this.open?.retention;
    this.writeRecords(records, (error) => {
      if (error === null && newBase !== null) retention?.onBase(newBase.base.index);
      done(error);
    });
  }

  bindMember(id: NodeId, incarnation: Incarnation, done: Done): void {
    this.writeRecords([{ kind: 'member', id, incarnation }], done);
  }

  read(
    from: LogIndex,
    through: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): void {
    void this.answer(from, through, bytesMax, done);
  }

  async writeSnapshot(head: SnapshotHead, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.open === null) throw new StorageClosedError();
    await this.open.snapshots.write(head, content);
  }

  async openSnapshot(index: LogIndex): Promise<StoredSnapshot> {
    if (this.open === null) throw new StorageClosedError();
    return this.open.snapshots.open(index);
  }

  async close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  private async answer(
    from: LogIndex,
    through: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): Promise<void> {
    let entries: readonly Entry[] = [];
    let error: Error | null = null;
    try {
      // At first, so that nobody is answered within the call.
      await Promise.resolve();
      if (this.open === null) throw new StorageClosedError();
      entries = await this.open.reader.read(from, through, bytesMax);
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause));
    }
    done(error, entries);
  }

  private async recover(unlock: () => Promise<void>): Promise<StoredLog> {
    const { files, directory, node, cluster, configuration, onNotice } = this.options;
    const { segmentBytes, newIncarnation, tailEntriesMax, tailBytesMax } = this.options;
    const owner = { node, cluster, configuration };
    const identity = await openDirectory({ files, directory, owner, segmentBytes, newIncarnation });
    const { incarnation } = identity;
    const recovered = await recoverLog(files, directory, incarnation, firstHead(identity.configuration));
    if (recovered.cut !== null) onNotice({ kind: 'torn-tail-cut', ...recovered.cut });
    if (!isSame(identity.configuration, configuration)) onNotice({ kind: 'configuration-ignored' });

    const { image } = recovered;
    const { clusterId } = image;
    const snapshots = new SnapshotStore(files, directory, incarnation);
    const older = await snapshots.recover(image.base, clusterId);
    this.open = this.begin(recovered, incarnation, snapshots, older, unlock);
    const tail = await this.open.reader.readTail(tailEntriesMax, tailBytesMax);
    const hasJoined = votersOf(identity.configuration).length === 0;
    this.open.retention.removeUnneeded();
    return { record: image.record(tail), incarnation, clusterId, hasJoined, members: new Map(image.members) };
  }

  private begin(
    { image, end, spare, segments: found }: RecoveredLog,
    incarnation: Incarnation,
    snapshots: SnapshotStore,
    older: LogIndex,
    unlock: () => Promise<void>,
  ): OpenLog {
    const { files, directory, segmentBytes, sealAfterMs, setTimer, onNotice } = this.options;
    const segments = new Map(found.map((segment) => [segment.number, segment]));
    const supply = new SegmentSupply(files, directory, segmentBytes, spare);
    const onSegment = (segment: Segment) => {
      segments.set(segment.number, segment);
      // The head of the one before may be what something waits for.
      retention.removeUnneeded();
    };
    const writer = new LogWriter({ incarnation, image, supply, end, sealAfterMs, setTimer, onSegment });
    const isOnDisk = (position: Position) => writer.isOnDisk(position);
    const reader = new LogReader(incarnation, image, segments, isOnDisk);
    const onError = (cause: Error) => onNotice({ kind: 'not-removed', cause });
    const retention = new Retention({
      files,
      directory,
      image,
      segments,
      snapshots,
      reader,
      isOnDisk,
      older,
      onError,
    });
    return { image, writer, reader, supply, segments, snapshots, retention, unlock };
  }

  /** @throws nothing: a base without its snapshot is the last thing that is asked of this storage. */
  private baseRecord({ base, isLogKept }: NewBase): BaseRecord {
    const head = this.open?.snapshots.headOf(base.index) ?? null;
    const clusterId = head?.clusterId ?? new Uint8Array(CLUSTER_ID_BYTES);
    if (this.open !== null && (head === null || !isSameHead(head, { base, clusterId }))) {
      const why = head === null ? 'there is none' : 'there is one of another base';
      this.violation ??= new StorageInvariantViolation('base-has-snapshot', `at ${base.index} ${why}`);
    }
    return { kind: 'base', base, isLogKept, clusterId };
  }

  private writeRecords(records: readonly LogRecord[], done: Done): void {
    const { violation } = this;
    if (violation !== null) queueMicrotask(() => done(violation));
    else if (this.open === null) queueMicrotask(() => done(new StorageClosedError()));
    else this.open.writer.write(records, done);
  }

  private async closeAll(): Promise<void> {
    const { open } = this;
    this.open = null;
    if (open === null) return;
    await open.snapshots.close();
    await open.writer.close();
    await open.supply.close();
    await open.retention.settled();
    await open.reader.settled();
    for (const { file } of open.segments.values()) await file.close();
    await open.unlock();
  }
}

function firstHead(configuration: Configuration): Head {
  const { hardState, base } = emptyRecord(configuration);
  const { index: lastIndex, term: lastTerm } = base;
  return {
    kind: 'head',
    hardState,
    base,
    configurations: [],
    termRanges: [],
    clusterId: null,
    members: [],
    lastIndex,
    lastTerm,
  };
}

function isSame(one: Configuration, other: Configuration): boolean {
  return Buffer.compare(bytesOf(one), bytesOf(other)) === 0;
}

function bytesOf(configuration: Configuration): Uint8Array {
  const writer = new ByteWriter();
  writeConfiguration(writer, configuration);
  return writer.finish();
}
