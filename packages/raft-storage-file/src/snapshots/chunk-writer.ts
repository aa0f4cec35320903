/** The file of one snapshot while it grows: chunk after chunk, each written before the next is filled. */

import { ByteWriter } from '@raftkv/codec';
import type { OpenFile } from '../files/file-system.ts';
import { fileHead, SNAPSHOT_FILE } from '../format/file-head.ts';
import {
  CHUNK_OVERHEAD_BYTES,
  CONTENT_BYTES_MAX,
  frameChunk,
  type ChunkType,
} from '../format/snapshot-chunk.ts';

/** So much goes to the cache between two syncs: the log's own do not wait behind the whole file. */
const SLICE_BYTES = 4 * 1024 * 1024;

export class ChunkWriter {
  private readonly file: OpenFile;
  private readonly seed: number;
  /** One chunk of content, with room for what goes before it: all that is in memory. */
  private readonly chunk: Buffer = Buffer.alloc(CHUNK_OVERHEAD_BYTES + CONTENT_BYTES_MAX);
  private filled = 0;
  private contentBytes = 0;
  /** Where the next chunk goes. */
  private end = 0;
  private syncedEnd = 0;

  /** `file` is new and empty; `seed` is from `snapshotSeed`. */
  constructor(file: OpenFile, seed: number) {
    this.file = file;
    this.seed = seed;
  }

  /** The beginning of the file, and its first chunk. */
  async begin(head: Uint8Array): Promise<void> {
    // How long it will be is not known yet: the last chunk says that.
    const beginning = fileHead(SNAPSHOT_FILE, 0);
    await this.file.write(beginning, 0);
    this.end = beginning.length;
    await this.put('head', head);
  }

  /** `piece` may be of any length, and is the caller's again afterwards. */
  async add(piece: Uint8Array): Promise<void> {
    for (let taken = 0; taken < piece.length;) {
      const part = piece.subarray(taken, taken + CONTENT_BYTES_MAX - this.filled);
      this.chunk.set(part, CHUNK_OVERHEAD_BYTES + this.filled);
      this.filled += part.length;
      taken += part.length;
      if (this.filled === CONTENT_BYTES_MAX) await this.putContent();
    }
  }

  /** All of it is on disk, and says so itself. */
  async finish(): Promise<void> {
    if (this.filled > 0) await this.putContent();
    await this.put('end', new ByteWriter().counter(this.contentBytes).finish());
    await this.file.sync();
  }

  private async putContent(): Promise<void> {
    const chunk = this.chunk.subarray(0, CHUNK_OVERHEAD_BYTES + this.filled);
    this.contentBytes += this.filled;
    this.filled = 0;
    await this.write(chunk, 'content');
    if (this.end - this.syncedEnd < SLICE_BYTES) return;
    await this.file.sync();
    this.syncedEnd = this.end;
  }

  private async put(type: ChunkType, payload: Uint8Array): Promise<void> {
    const chunk = Buffer.alloc(CHUNK_OVERHEAD_BYTES + payload.length);
    chunk.set(payload, CHUNK_OVERHEAD_BYTES);
    await this.write(chunk, type);
  }

  private async write(chunk: Buffer, type: ChunkType): Promise<void> {
    frameChunk(chunk, type, this.seed, this.end);
    await this.file.write(chunk, this.end);
    this.end += chunk.length;
  }
}
