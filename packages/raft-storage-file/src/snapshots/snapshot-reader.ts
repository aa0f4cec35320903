/** Reads one snapshot from its file, chunk by chunk, and gives no byte that was not checked. Source: rule R33. */

import { ByteReader, DecodeError } from '@raftkv/codec';
import { decodeSnapshotHead, SNAPSHOT_HEAD_BYTES_MAX, type SnapshotHead } from '@raftkv/runtime';
import type { LogIndex } from '@raftkv/core';
import { DamagedError, StorageClosedError } from '../errors.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';
import { checkFileKind, FILE_HEAD_BYTES, SNAPSHOT_FILE } from '../format/file-head.ts';
import {
  CHUNK_HEADER_BYTES,
  CHUNK_OVERHEAD_BYTES,
  claimedLength,
  CONTENT_BYTES_MAX,
  snapshotSeed,
  unframeChunk,
  type Chunk,
  type ChunkType,
} from '../format/snapshot-chunk.ts';

const BODY_BYTES_MAX: Readonly<Record<ChunkType, number>> = {
  head: SNAPSHOT_HEAD_BYTES_MAX + 1,
  content: CONTENT_BYTES_MAX + 1,
  end: 16,
};

/** An open snapshot. What it gives can be asked for once, and is read as it is asked for. */
export class SnapshotReader implements AsyncIterableIterator<Uint8Array> {
  private readonly file: OpenFile;
  private readonly seed: number;
  private readonly onClosed: (reader: SnapshotReader) => void;
  private at: number = FILE_HEAD_BYTES;
  private contentBytes = 0;
  private isClosed = false;
  private isAtEnd = false;
  /** The readings that were asked for, one after another. */
  private reading: Promise<unknown> = Promise.resolve();
  private closing: Promise<void> | null = null;

  private constructor(file: OpenFile, seed: number, onClosed: (reader: SnapshotReader) => void) {
    this.file = file;
    this.seed = seed;
    this.onClosed = onClosed;
  }

  /**
   * The snapshot at `path`, and its head.
   *
   * @param onClosed told once the file is not needed any more: read to its end, damaged, or let go.
   * @throws {DamagedError} if it does not begin as it was written.
   * @throws {UnknownFormatError} if it is of a version that this release does not read.
   */
  static async open(
    files: FileSystem,
    path: string,
    incarnation: Uint8Array,
    index: LogIndex,
    onClosed: (reader: SnapshotReader) => void = () => {},
  ): Promise<{ readonly head: SnapshotHead; readonly reader: SnapshotReader }> {
    const file = await files.open(path);
    const reader = new SnapshotReader(file, snapshotSeed(incarnation, index), onClosed);
    try {
      checkFileKind(path, await file.read(0, FILE_HEAD_BYTES), SNAPSHOT_FILE);
      return { head: await reader.head(index), reader };
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const turn = this.reading.then(() => this.nextPiece());
    this.reading = turn.catch(() => {});
    return turn;
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** What is asked for from now on is refused; what was asked for before is given. */
  close(): Promise<void> {
    this.closing ??= this.closeFile();
    return this.closing;
  }

  private async closeFile(): Promise<void> {
    this.isClosed = true;
    await this.reading;
    await this.file.close();
    this.onClosed(this);
  }

  private async nextPiece(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.isAtEnd) return { done: true, value: undefined };
    if (this.isClosed) throw new StorageClosedError();
    try {
      const offset = this.at;
      const { type, payload } = await this.chunk('content');
      if (type === 'content') {
        this.contentBytes += payload.length;
        return { done: false, value: payload };
      }
      if (type !== 'end') throw this.damaged(offset, 'a second head stands where content or an end belongs');
      await this.checkEnd(offset, payload);
    } catch (error) {
      this.letGo();
      throw error;
    }
    this.isAtEnd = true;
    this.letGo();
    return { done: true, value: undefined };
  }

  /** Not waited for: closing waits for the reading that this is a part of. */
  private letGo(): void {
    void this.close().catch(() => {});
  }

  private async head(index: LogIndex): Promise<SnapshotHead> {
    const offset = this.at;
    const { type, payload } = await this.chunk('head');
    if (type !== 'head') throw this.damaged(offset, 'it does not begin with a head');
    const head = this.decoded(offset, () => decodeSnapshotHead(payload));
    if (head.base.index !== index) throw this.damaged(offset, `it is of ${head.base.index}, not of ${index}`);
    return head;
  }

  private async checkEnd(offset: number, payload: Uint8Array): Promise<void> {
    const told = this.decoded(offset, () => {
      const reader = new ByteReader(payload);
      const bytes = reader.counter();
      reader.end();
      return bytes;
    });
    if (told !== this.contentBytes) {
      throw this.damaged(
        offset,
        `it ends after ${this.contentBytes} bytes of content, and was made with ${told}`,
      );
    }
    const size = await this.file.size();
    if (size !== this.at) throw this.damaged(this.at, `it goes on behind its end, to byte ${size}`);
  }

  /** The next chunk, which is probably one of `expected`. */
  private async chunk(expected: ChunkType): Promise<Chunk> {
    const offset = this.at;
    const lengthMax = Math.max(BODY_BYTES_MAX[expected], BODY_BYTES_MAX.end);
    // Content in one reading; a head is short, and may be long.
    let bytes = await this.file.read(offset, CHUNK_OVERHEAD_BYTES + CONTENT_BYTES_MAX);
    const length = claimedLength(bytes);
    if (length === null) throw this.damaged(offset, 'the file ends here, and the snapshot does not');
    const chunkBytes = CHUNK_HEADER_BYTES + length;
    if (length <= lengthMax && chunkBytes > bytes.length) bytes = await this.file.read(offset, chunkBytes);
    const chunk = unframeChunk(bytes.subarray(0, chunkBytes), this.seed, offset);
    if (chunk === null) throw this.damaged(offset, 'what was written here does not fit any more');
    this.at = offset + chunkBytes;
    return chunk;
  }

  private decoded<Value>(offset: number, decode: () => Value): Value {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw this.damaged(offset, error.message, { cause: error });
    }
  }

  private damaged(offset: number, what: string, options?: ErrorOptions): DamagedError {
    return new DamagedError(this.file.path, offset, what, options);
  }
}
