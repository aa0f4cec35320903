/** The log port over files. */

import { ByteWriter } from '@raftkv/codec';
import { emptyRecord, type Configuration, type Entry, type LogIndex, type NodeId } from '@raftkv/core';
import { INCARNATION_BYTES, writeConfiguration } from '@raftkv/runtime';
import type { Incarnation, LogStorage, StoredLog, WriteBatch } from '@raftkv/runtime';
import { openDirectory } from './directory.ts';
import { StorageClosedError } from './errors.ts';
import type { Done, FileSystem } from './files/file-system.ts';
import { nodeFiles } from './files/node-files.ts';
import type { Head, LogRecord } from './format/log-record.ts';
import type { LogImage } from './log/log-image.ts';
import { LogReader } from './log/log-reader.ts';
import { LogWriter } from './log/log-writer.ts';
import { recoverLog, type RecoveredLog } from './log/recovery.ts';
import type { Segment } from './log/segment.ts';
import { SegmentSupply } from './log/segment-supply.ts';

/** What an operator should know, and nothing that stops the node. */
export type StorageNotice =
  /** A batch whose sync had not returned when the process ended was found in part, and cut. Nothing acknowledged. */
  | { readonly kind: 'torn-tail-cut'; readonly file: string; readonly offset: number }
  /** The directory has members of its own: those given to start a new cluster with are not used (R27). */
  | { readonly kind: 'configuration-ignored' };

/** Where the files are, and whose. */
export interface FileStorageOptions {
  /** Made where it is missing. */
  readonly directory: string;
  /** Whose log it is: another one's directory is refused. */
  readonly node: NodeId;
  /** The same for all members of a cluster, another for each cluster: a name, or a token. */
  readonly cluster: string;
  /** The members that a new cluster begins with; equal on all of them. */
  readonly configuration: Configuration;
  /** Of one file of the log, which is filled with zeros before it is used; 64 MiB. At least 4 KiB. */
  readonly segmentBytes?: number;
  /** Entries read into memory at the start, for the core; 1,024. */
  readonly tailEntriesMax?: number;
  /** The same in bytes; 4 MiB. */
  readonly tailBytesMax?: number;
  /** After so long without a write, the last one is vouched for; ms. `null`: only when closed. 100. */
  readonly sealAfterMs?: number | null;
  /** Calls `callback` once, `delayMs` from now, unless what it gives back is called; the machine's timers unless given. */
  readonly setTimer?: (delayMs: number, callback: () => void) => () => void;
  /** What an operator may want to know; nobody is told unless given. */
  readonly onNotice?: (notice: StorageNotice) => void;
  /** The operating system's, by default. */
  readonly files?: FileSystem;
  /** Sixteen random bytes for a new directory. */
  readonly newIncarnation?: () => Incarnation;
}

const DEFAULTS = {
  segmentBytes: 64 * 1024 * 1024,
  tailEntriesMax: 1024,
  tailBytesMax: 4 * 1024 * 1024,
  sealAfterMs: 100,
  setTimer: systemTimer,
  onNotice: () => {},
  files: nodeFiles,
  newIncarnation: () => crypto.getRandomValues(new Uint8Array(INCARNATION_BYTES)),
};

const SEGMENT_BYTES_MIN = 4096;
const SEGMENT_BYTES_MAX = 2 ** 31;

type CompleteOptions = Required<FileStorageOptions>;

/** What there is while the directory is open. */
interface OpenLog {
  readonly image: LogImage;
  readonly writer: LogWriter;
  readonly reader: LogReader;
  readonly supply: SegmentSupply;
  readonly segments: Map<number, Segment>;
  readonly unlock: () => Promise<void>;
}

/** The log of one node in files of one directory, for one start of that node. */
export class FileLogStorage implements LogStorage {
  private readonly options: CompleteOptions;
  private open: OpenLog | null = null;
  private closing: Promise<void> | null = null;

  /** Touches nothing yet. @throws {RangeError} if `segmentBytes` is out of range. */
  constructor(options: FileStorageOptions) {
    this.options = { ...DEFAULTS, ...options };
    const { segmentBytes } = this.options;
    if (segmentBytes < SEGMENT_BYTES_MIN || segmentBytes > SEGMENT_BYTES_MAX || segmentBytes % 8 !== 0) {
      throw new RangeError(
        `segmentBytes must be a multiple of 8 from ${SEGMENT_BYTES_MIN} to ${SEGMENT_BYTES_MAX}, not ${segmentBytes}`,
      );
    }
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

  write({ hardState, truncateFrom, entries }: WriteBatch, done: Done): void {
    const records: LogRecord[] = [];
    if (hardState !== null) records.push({ kind: 'hardState', hardState });
    if (truncateFrom !== null) records.push({ kind: 'truncation', from: truncateFrom });
    for (const entry of entries) records.push({ kind: 'entry', entry });
    this.writeRecords(records, done);
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

    this.open = this.begin(recovered, incarnation, unlock);
    const { image } = recovered;
    const tail = await this.open.reader.readTail(tailEntriesMax, tailBytesMax);
    const { clusterId } = image;
    return { record: image.record(tail), incarnation, clusterId, members: new Map(image.members) };
  }

  private begin(recovered: RecoveredLog, incarnation: Incarnation, unlock: () => Promise<void>): OpenLog {
    const { files, directory, segmentBytes, sealAfterMs, setTimer } = this.options;
    const { image, end, spare } = recovered;
    const segments = new Map(recovered.segments.map((segment) => [segment.number, segment]));
    const supply = new SegmentSupply(files, directory, segmentBytes, spare);
    const onSegment = (segment: Segment) => segments.set(segment.number, segment);
    const writer = new LogWriter({ incarnation, image, supply, end, sealAfterMs, setTimer, onSegment });
    const reader = new LogReader(incarnation, image, segments, (position) => writer.isOnDisk(position));
    return { image, writer, reader, supply, segments, unlock };
  }

  private writeRecords(records: readonly LogRecord[], done: Done): void {
    if (this.open === null) queueMicrotask(() => done(new StorageClosedError()));
    else this.open.writer.write(records, done);
  }

  private async closeAll(): Promise<void> {
    const { open } = this;
    this.open = null;
    if (open === null) return;
    await open.writer.close();
    await open.supply.close();
    for (const { file } of open.segments.values()) await file.close();
    await open.unlock();
  }
}

/** Keeps no process alive. */
function systemTimer(delayMs: number, callback: () => void): () => void {
  const timer = setTimeout(callback, delayMs).unref();
  return () => clearTimeout(timer);
}

function firstHead(configuration: Configuration): Head {
  const { hardState, base } = emptyRecord(configuration);
  const { index: lastIndex, term: lastTerm } = base;
  return {
    kind: 'head',
    hardState,
    base,
    configurations: [],
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
