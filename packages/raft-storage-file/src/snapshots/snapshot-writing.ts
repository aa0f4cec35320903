/**
 * A snapshot on its way to the disk: under a name that does not count, synced, renamed, and the directory synced. Whatever
 * ends that before leaves nothing of it. Source: rule R33.
 */

import { encodeSnapshotHead, type SnapshotHead } from '@raftkv/runtime';
import { StorageClosedError, StorageFailedError } from '../errors.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';
import { snapshotSeed } from '../format/snapshot-chunk.ts';
import { ChunkWriter } from './chunk-writer.ts';

export interface SnapshotPlace {
  readonly files: FileSystem;
  readonly directory: string;
  readonly incarnation: Uint8Array;
  /** Nobody else's while it is written. */
  readonly unfinishedPath: string;
  readonly path: string;
}

export class SnapshotWriting {
  private readonly place: SnapshotPlace;
  private readonly head: SnapshotHead;
  private isStopped = false;
  /** Ends the waiting for content, which may never come. */
  private interrupt: () => void = () => {};

  constructor(place: SnapshotPlace, head: SnapshotHead) {
    this.place = place;
    this.head = head;
  }

  /** What was asked for rejects soon, unless it is as good as done. */
  stop(): void {
    this.isStopped = true;
    this.interrupt();
  }

  /**
   * Resolves when all of it is on disk, and counts for nothing yet. To be called once.
   *
   * @throws what `content` throws, as it is.
   * @throws {StorageFailedError} if the disk refuses it.
   * @throws {StorageClosedError} if it was stopped.
   */
  async write(content: AsyncIterable<Uint8Array>): Promise<void> {
    const { files, unfinishedPath } = this.place;
    try {
      const file = await this.onDisk(() => files.create(unfinishedPath));
      try {
        await this.fill(file, content);
      } finally {
        await file.close();
      }
    } catch (error) {
      await this.discard(unfinishedPath);
      throw error;
    }
  }

  /** After `write`: resolves when it has its name on disk. Replaces one of the same index. @throws as `write` does. */
  async publish(isReplacing: boolean): Promise<void> {
    const { files, directory, unfinishedPath, path } = this.place;
    try {
      await this.onDisk(() => files.rename(unfinishedPath, path));
    } catch (error) {
      await this.discard(unfinishedPath);
      throw error;
    }
    try {
      await this.onDisk(() => files.syncDirectory(directory));
    } catch (error) {
      // The one that it has replaced may be named already; and this one is as whole.
      if (!isReplacing) await this.discard(path);
      throw error;
    }
  }

  /** If the disk refuses that too, the next start does it. */
  private async discard(path: string): Promise<void> {
    await this.place.files.remove(path).catch(() => {});
  }

  private async fill(file: OpenFile, content: AsyncIterable<Uint8Array>): Promise<void> {
    const chunks = new ChunkWriter(file, snapshotSeed(this.place.incarnation, this.head.base.index));
    const head = encodeSnapshotHead(this.head);
    await this.onDisk(() => chunks.begin(head));
    const pieces = content[Symbol.asyncIterator]();
    try {
      for (let next = await this.nextOf(pieces); next !== null; next = await this.nextOf(pieces)) {
        const piece = next;
        await this.onDisk(() => chunks.add(piece));
      }
    } catch (error) {
      letGo(pieces);
      throw error;
    }
    await this.onDisk(() => chunks.finish());
  }

  /** The next piece, or `null` behind the last. */
  private async nextOf(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array | null> {
    const next = await new Promise<IteratorResult<Uint8Array, unknown>>((resolve, reject) => {
      this.interrupt = () => reject(new StorageClosedError());
      if (this.isStopped) this.interrupt();
      else pieces.next().then(resolve, reject);
    });
    return next.done === true ? null : next.value;
  }

  /** @throws {StorageFailedError} with what `work` throws, which is the system's word. */
  private async onDisk<Value>(work: () => Promise<Value>): Promise<Value> {
    if (this.isStopped) throw new StorageClosedError();
    try {
      return await work();
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      throw new StorageFailedError(this.place.path, cause, 'snapshot');
    }
  }
}

/** Nobody waits for it: whoever makes the pieces may never answer. */
function letGo(pieces: AsyncIterator<Uint8Array>): void {
  void Promise.resolve()
    .then(() => pieces.return?.())
    .catch(() => {});
}
