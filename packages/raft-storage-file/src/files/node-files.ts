/** The operating system's files. */

import {
  close,
  constants,
  fdatasync,
  fstat,
  fsync,
  mkdir,
  open,
  read,
  readdir,
  rename,
  rm,
  write,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { lockDirectory } from './directory-lock.ts';
import type { Done, FileSystem, OpenFile } from './file-system.ts';

const promises = {
  close: promisify(close),
  fdatasync: promisify(fdatasync),
  fstat: promisify(fstat),
  fsync: promisify(fsync),
  mkdir: promisify(mkdir),
  open: promisify(open),
  readdir: promisify(readdir),
  rename: promisify(rename),
  rm: promisify(rm),
};

/**
 * On Linux a write to a file opened so is on disk when it returns, which spares a second trip through the thread pool.
 * Elsewhere it says less than `fdatasync` does (on macOS it leaves the data in the disk's own cache).
 */
const WRITES_THROUGH = process.platform === 'linux' ? constants.O_DSYNC : null;

/** Windows knows no sync of a directory. */
const SYNCS_DIRECTORIES = process.platform !== 'win32';

/** The files of the operating system, by way of Node. */
export const nodeFiles: FileSystem = {
  async makeDirectory(path) {
    const first = await promises.mkdir(path, { recursive: true });
    if (first === undefined) return;
    // Every directory that was made is an entry of the one above, up to the one that was there before. What is told may
    // be relative where the path was.
    const above = dirname(resolve(first));
    for (let at = resolve(path); at !== above; at = dirname(at)) await syncDirectory(dirname(at));
  },
  list: (directory) => promises.readdir(directory),
  create: (path) => openFile(path, 'w+'),
  open: (path) => openFile(path, 'r+'),
  rename: (from, to) => promises.rename(from, to),
  remove: (path) => promises.rm(path),
  syncDirectory,
  lock: lockDirectory,
};

async function syncDirectory(path: string): Promise<void> {
  if (!SYNCS_DIRECTORIES) return;
  const directory = await promises.open(path, 'r');
  try {
    await promises.fsync(directory);
  } finally {
    await promises.close(directory);
  }
}

async function openFile(path: string, flags: 'r+' | 'w+'): Promise<OpenFile> {
  const plain = await promises.open(path, flags);
  if (WRITES_THROUGH === null) return new NodeFile(path, plain, null);
  try {
    return new NodeFile(path, plain, await promises.open(path, constants.O_RDWR | WRITES_THROUGH));
  } catch (error) {
    await promises.close(plain);
    throw error;
  }
}

class NodeFile implements OpenFile {
  readonly path: string;
  private readonly plain: number;
  /** Writes through to the disk; `null` where the system has no such thing. */
  private readonly through: number | null;

  constructor(path: string, plain: number, through: number | null) {
    this.path = path;
    this.plain = plain;
    this.through = through;
  }

  async size(): Promise<number> {
    return (await promises.fstat(this.plain)).size;
  }

  async read(offset: number, count: number): Promise<Buffer> {
    const buffer = Buffer.alloc(count);
    let filled = 0;
    while (filled < count) {
      const bytesRead = await readSome(this.plain, buffer, filled, offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    await new Promise<void>((resolveWrite, reject) => {
      writeAll(this.plain, bytes, offset, (error) => (error === null ? resolveWrite() : reject(error)));
    });
  }

  writeSynced(bytes: Uint8Array, offset: number, done: Done): void {
    if (this.through !== null) return writeAll(this.through, bytes, offset, done);
    writeAll(this.plain, bytes, offset, (error) => {
      if (error !== null) done(error);
      else fdatasync(this.plain, done);
    });
  }

  sync(): Promise<void> {
    return promises.fdatasync(this.plain);
  }

  async close(): Promise<void> {
    await promises.close(this.plain);
    if (this.through !== null) await promises.close(this.through);
  }
}

/** A system may write less than it was asked to: the rest is asked for again (R32). */
function writeAll(fd: number, bytes: Uint8Array, offset: number, done: Done): void {
  write(fd, bytes, 0, bytes.length, offset, (error, written) => {
    if (error !== null) return done(error);
    if (written === bytes.length) return done(null);
    if (written === 0) return done(new Error('the system wrote nothing, and named no error'));
    writeAll(fd, bytes.subarray(written), offset + written, done);
  });
}

function readSome(fd: number, buffer: Buffer, at: number, offset: number): Promise<number> {
  return new Promise((resolveRead, reject) => {
    read(fd, buffer, at, buffer.length - at, offset, (error, bytesRead) => {
      if (error === null) resolveRead(bytesRead);
      else reject(error);
    });
  });
}
