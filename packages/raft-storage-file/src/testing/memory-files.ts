/**
 * Files in memory that do what a disk does to whoever trusts it too early: what was not synced can be lost, kept, torn
 * or kept in another order, a sync can fail and leave a cache that claims what the disk lacks, and a process can end
 * after any single operation. Chance comes from a seed, and operations take place in the order in which they were asked
 * for, so that one seed is one run.
 */

import { dirname } from 'node:path';
import { DirectoryLockedError } from '../errors.ts';
import type { Done, FileSystem, OpenFile } from '../files/file-system.ts';
import { MemoryDirectory } from './memory-directory.ts';
import { MemoryDisk, type Unsynced } from './memory-disk.ts';

/** An operation, as `intercept` sees it before it takes place. */
export interface Operation {
  /** Those that change something; reads are none. */
  readonly kind: 'create' | 'write' | 'sync' | 'rename' | 'remove' | 'syncDirectory';
  /** Of the file, or of the directory that is synced. */
  readonly path: string;
}

/** What the disk is like. */
export interface MemoryFilesOptions {
  /** For what a power cut leaves; 0. */
  readonly seed?: number;
  /** All files together hold at most so many bytes; beyond, a write fails with ENOSPC. */
  readonly capacityBytes?: number;
}

/** Files in memory, and what a crash leaves of them. */
export class MemoryFiles implements FileSystem {
  /** Operations that have taken place: those that change what is on disk, or what a power cut would leave. */
  operations = 0;
  /** After so many operations the process is as good as dead: nothing takes place, and nothing is called back. */
  stopAfter: number | null = null;
  /** Called before each operation; an error that it returns is what the operation ends with. */
  intercept: ((operation: Operation) => Error | null) | null = null;
  /** Settles when this process has reached `stopAfter`. */
  stopped: Promise<void>;
  private readonly directory: MemoryDirectory;
  private readonly capacityBytes: number;
  private readonly locks = new Set<string>();
  /** Counts the processes: what an earlier one has open is open no more. */
  private life = 0;
  private onStopped: () => void = () => {};

  constructor({ seed = 0, capacityBytes = Infinity }: MemoryFilesOptions = {}) {
    this.directory = new MemoryDirectory(seed);
    this.capacityBytes = capacityBytes;
    this.stopped = this.newStopped();
  }

  /** The process ends, and another may begin. What it wrote is in the cache, synced or not. */
  kill(): void {
    this.life += 1;
    this.locks.clear();
    this.stopAfter = null;
    this.stopped = this.newStopped();
  }

  /** The machine loses its power: the process ends, and the cache is gone. */
  cutPower(unsynced: Unsynced): void {
    this.kill();
    this.directory.cutPower(unsynced);
  }

  /** The bytes of a file as a process would read them, to be looked at and changed by hand. */
  bytesOf(path: string): Buffer {
    return this.diskOf(path).visible;
  }

  /** Changes a file behind everybody's back, on the disk itself. */
  overwrite(path: string, bytes: Uint8Array): void {
    this.directory.replace(path, new MemoryDisk(Buffer.from(bytes)));
  }

  /** Of all files, as a process would see them. */
  get paths(): readonly string[] {
    return [...this.directory.visible.keys()].toSorted();
  }

  async makeDirectory(): Promise<void> {
    await this.turn(this.life);
  }

  async list(directory: string): Promise<readonly string[]> {
    await this.turn(this.life);
    return this.paths
      .filter((path) => dirname(path) === directory)
      .map((path) => path.slice(directory.length + 1));
  }

  async create(path: string): Promise<OpenFile> {
    const { life } = this;
    const disk = new MemoryDisk(Buffer.alloc(0));
    await this.perform(life, { kind: 'create', path }, () => this.directory.link(path, disk));
    return this.handle(life, path, disk);
  }

  async open(path: string): Promise<OpenFile> {
    await this.turn(this.life);
    return this.handle(this.life, path, this.diskOf(path));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.perform(this.life, { kind: 'rename', path: to }, () => this.directory.rename(from, to));
  }

  async remove(path: string): Promise<void> {
    await this.perform(this.life, { kind: 'remove', path }, () => this.directory.unlink(path));
  }

  async syncDirectory(path: string): Promise<void> {
    await this.perform(this.life, { kind: 'syncDirectory', path }, () => this.directory.sync());
  }

  async lock(directory: string): Promise<() => Promise<void>> {
    const { life } = this;
    await this.turn(life);
    if (this.locks.has(directory)) throw new DirectoryLockedError(directory);
    this.locks.add(directory);
    return async () => {
      await this.turn(life);
      this.locks.delete(directory);
    };
  }

  private newStopped(): Promise<void> {
    return new Promise((resolve) => {
      this.onStopped = resolve;
    });
  }

  private diskOf(path: string): MemoryDisk {
    const disk = this.directory.visible.get(path);
    if (disk === undefined) throw systemError('ENOENT', `no such file: ${path}`);
    return disk;
  }

  private handle(life: number, path: string, disk: MemoryDisk): OpenFile {
    const write = (bytes: Uint8Array, offset: number) =>
      this.perform(life, { kind: 'write', path }, () => {
        const growth = Math.max(offset + bytes.length - disk.visible.length, 0);
        if (this.bytesUsed() + growth > this.capacityBytes)
          throw systemError('ENOSPC', 'no space left on device');
        disk.write(bytes, offset);
      });
    const sync = async () => {
      try {
        await this.perform(life, { kind: 'sync', path }, () => disk.sync());
      } catch (error) {
        disk.failSync();
        throw error;
      }
    };
    return {
      path,
      size: async () => {
        await this.turn(life);
        return disk.visible.length;
      },
      read: async (offset, count) => {
        await this.turn(life);
        return Buffer.from(disk.visible.subarray(offset, offset + count));
      },
      write,
      writeSynced: (bytes: Uint8Array, offset: number, done: Done) => {
        void answer(async () => {
          await write(bytes, offset);
          await sync();
        }, done);
      },
      sync,
      close: () => this.turn(life),
    };
  }

  private bytesUsed(): number {
    let bytes = 0;
    for (const { visible } of this.directory.visible.values()) bytes += visible.length;
    return bytes;
  }

  private async perform(life: number, operation: Operation, change: () => void): Promise<void> {
    await this.turn(life);
    if (this.stopAfter !== null && this.operations >= this.stopAfter) {
      this.onStopped();
      await never();
    }
    this.operations += 1;
    const error = this.intercept?.(operation) ?? null;
    if (error !== null) throw error;
    change();
    await this.turn(life);
  }

  /** Later than the call; never, for a process that has ended. */
  private async turn(life: number): Promise<void> {
    await Promise.resolve();
    if (life !== this.life) await never();
  }
}

async function answer(work: () => Promise<void>, done: Done): Promise<void> {
  let error: Error | null = null;
  try {
    await work();
  } catch (cause) {
    error = cause instanceof Error ? cause : new Error(String(cause));
  }
  done(error);
}

/** What the operating system would say. */
export function systemError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

function never(): Promise<never> {
  return new Promise(() => {});
}
