/**
 * Files behind the time that a disk takes. What is written is in the cache at once; what is synced is on disk some time
 * before the caller hears of it; and nothing of it comes once the process that asked is gone.
 */

import type { Timeline } from '@raftkv/simulation';
import type { Done, FileSystem, OpenFile } from '@raftkv/storage-file';

/** How long something takes, drawn when it begins. */
export interface DiskTimes {
  readMs(): number;
  /** `takesEffectMs` is when it is on disk, `toldMs` when the caller hears of it; not before that. */
  sync(): { readonly takesEffectMs: number; readonly toldMs: number };
}

export class SlowFiles implements FileSystem {
  private readonly files: FileSystem;
  private readonly timeline: Timeline;
  private readonly times: DiskTimes;

  /** `timeline` is that of the process alone. */
  constructor(files: FileSystem, timeline: Timeline, times: DiskTimes) {
    this.files = files;
    this.timeline = timeline;
    this.times = times;
  }

  makeDirectory(path: string): Promise<void> {
    return this.files.makeDirectory(path);
  }

  list(directory: string): Promise<readonly string[]> {
    return this.files.list(directory);
  }

  async create(path: string): Promise<OpenFile> {
    return this.slow(await this.files.create(path));
  }

  async open(path: string): Promise<OpenFile> {
    return this.slow(await this.files.open(path));
  }

  rename(from: string, to: string): Promise<void> {
    return this.files.rename(from, to);
  }

  remove(path: string): Promise<void> {
    return this.files.remove(path);
  }

  syncDirectory(path: string): Promise<void> {
    return this.synced(() => this.files.syncDirectory(path));
  }

  lock(directory: string): Promise<() => Promise<void>> {
    return this.files.lock(directory);
  }

  private slow(file: OpenFile): OpenFile {
    return {
      path: file.path,
      size: () => file.size(),
      read: async (offset, count) => {
        await this.wait(this.times.readMs());
        return file.read(offset, count);
      },
      write: (bytes, offset) => file.write(bytes, offset),
      writeSynced: (bytes, offset, done) => {
        void this.writeSynced(file, bytes, offset, done);
      },
      sync: () => this.synced(() => file.sync()),
      close: () => file.close(),
    };
  }

  private async writeSynced(file: OpenFile, bytes: Uint8Array, offset: number, done: Done): Promise<void> {
    let error: Error | null = null;
    try {
      await file.write(bytes, offset);
      await this.synced(() => file.sync());
    } catch (cause) {
      error = cause instanceof Error ? cause : new Error(String(cause));
    }
    done(error);
  }

  private async synced(sync: () => Promise<void>): Promise<void> {
    const { takesEffectMs, toldMs } = this.times.sync();
    await this.wait(takesEffectMs);
    const outcome = sync().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    if (toldMs > takesEffectMs) await this.wait(toldMs - takesEffectMs);
    const error = await outcome;
    if (error !== null) throw error;
  }

  private wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.timeline.after(delayMs, resolve);
    });
  }
}
