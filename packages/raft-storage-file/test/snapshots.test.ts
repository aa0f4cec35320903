/** R33: snapshots on disk, and what goes once the log begins behind one. */

import { logIndex, term, type Base } from '@raftkv/core';
import type { SnapshotHead, WriteBatch } from '@raftkv/runtime';
import { describe, expect, it } from 'vitest';
import { DamagedError, type FileLogStorage } from '../src/index.ts';
import { MemoryFiles, systemError, type Operation } from '../src/testing/index.ts';
import {
  DIRECTORY,
  entries,
  hardState,
  opening,
  read,
  reopened,
  storageOn,
  write,
} from './support/storage.ts';

const CLUSTER_ID = new Uint8Array(16).fill(3);
const SNAPSHOT = `${DIRECTORY}/snapshot-0000000000000002.snap`;

async function open(files: MemoryFiles): Promise<FileLogStorage> {
  const storage = storageOn(files);
  await storage.load();
  return storage;
}

/** Of the configuration that the storage was made with. */
async function headAt(files: MemoryFiles, index: number): Promise<SnapshotHead> {
  const { record } = await reopened(files);
  return { base: { ...record.base, index: logIndex(index), term: term(1) }, clusterId: CLUSTER_ID };
}

async function* pieces(...lengths: number[]): AsyncGenerator<Uint8Array> {
  for (const length of lengths) yield await Promise.resolve(new Uint8Array(length).fill(length));
}

function named(base: Base, isLogKept = true): WriteBatch {
  return { hardState: null, newBase: { base, isLogKept }, truncateFrom: null, entries: [] };
}

function committed(index: number): WriteBatch {
  return { ...entries(1), hardState: hardState(1, index) };
}

/** A log of three entries, which begins behind a snapshot of two. */
async function withSnapshot(files: MemoryFiles, ...lengths: number[]): Promise<SnapshotHead> {
  const head = await headAt(files, 2);
  const storage = await open(files);
  await write(storage, opening(5, 5, 5));
  await write(storage, committed(2));
  await storage.writeSnapshot(head, pieces(...lengths));
  await write(storage, named(head.base));
  await storage.close();
  return head;
}

async function contentOf(storage: FileLogStorage, index: number): Promise<number> {
  const { content } = await storage.openSnapshot(logIndex(index));
  let bytes = 0;
  for await (const piece of content) bytes += piece.length;
  return bytes;
}

function unfinished(files: MemoryFiles): readonly string[] {
  return files.paths.filter((path) => path.endsWith('.tmp'));
}

function snapshots(files: MemoryFiles): readonly string[] {
  return files.paths.filter((path) => path.endsWith('.snap'));
}

function segments(files: MemoryFiles): readonly string[] {
  return files.paths.filter((path) => path.endsWith('.log'));
}

/** Lets everything happen that is under way. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('a snapshot on its way to the disk', () => {
  it('is synced before it has its name, and has its name on disk before anyone is told', async () => {
    const files = new MemoryFiles();
    const head = await headAt(files, 2);
    const storage = await open(files);
    const operations: string[] = [];
    files.intercept = ({ kind, path }) => {
      operations.push(`${kind} ${path.slice(DIRECTORY.length + 1)}`);
      return null;
    };
    await storage.writeSnapshot(head, pieces(10));
    expect(operations.filter((operation) => !operation.startsWith('write'))).toEqual([
      'create snapshot-0000000000000002.snap.1.tmp',
      'sync snapshot-0000000000000002.snap.1.tmp',
      'rename snapshot-0000000000000002.snap',
      'syncDirectory ',
    ]);
  });

  it.each(['create', 'write', 'sync', 'rename', 'syncDirectory'] as const)(
    'leaves nothing where the disk refuses to %s, and the log goes on',
    async (refused) => {
      const files = new MemoryFiles();
      const head = await headAt(files, 2);
      const storage = await open(files);
      await write(storage, opening(5, 5, 5));
      files.intercept = ({ kind, path }: Operation) =>
        kind === refused && (path.includes('snapshot') || kind === 'syncDirectory')
          ? systemError('ENOSPC', 'no space left on device')
          : null;
      const outcome = storage.writeSnapshot(head, pieces(10));
      await expect(outcome).rejects.toMatchObject({ code: 'STORAGE_FAILED', file: SNAPSHOT });
      await expect(outcome).rejects.toThrow(/Make room.*log goes on without/);
      files.intercept = null;
      expect([...unfinished(files), ...snapshots(files)]).toEqual([]);
      await write(storage, committed(2));
      await storage.writeSnapshot(head, pieces(20));
      await write(storage, named(head.base));
      expect(await contentOf(storage, 2)).toBe(20);
    },
  );

  it('takes no more of the content than it has written', async () => {
    const files = new MemoryFiles();
    const head = await headAt(files, 2);
    const storage = await open(files);
    let given = 0;
    let writtenBytes = 0;
    let mostAhead = 0;
    files.intercept = ({ kind, path }) => {
      if (kind === 'write' && path.endsWith('.tmp')) writtenBytes = files.bytesOf(path).length;
      return null;
    };
    async function* many(): AsyncGenerator<Uint8Array> {
      for (let nth = 0; nth < 50; nth += 1) {
        given += 100_000;
        mostAhead = Math.max(mostAhead, given - writtenBytes);
        yield await Promise.resolve(new Uint8Array(100_000));
      }
    }
    await storage.writeSnapshot(head, many());
    expect(given).toBe(5_000_000);
    expect(mostAhead).toBeLessThan(1_000_000);
  });

  it('is ended by closing, which waits until nothing of it is left, though its content never comes', async () => {
    const files = new MemoryFiles();
    const head = await headAt(files, 2);
    const storage = await open(files);
    const content: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    };
    const writing = storage.writeSnapshot(head, content);
    const outcome = writing.catch((error: unknown) => error);
    await settled();
    expect(unfinished(files)).toHaveLength(1);
    await storage.close();
    expect(unfinished(files)).toEqual([]);
    expect(await outcome).toMatchObject({ code: 'STORAGE_CLOSED' });
  });

  it('is removed at the next start where the process ended', async () => {
    const files = new MemoryFiles();
    const head = await headAt(files, 2);
    const storage = await open(files);
    const content: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }),
    };
    void storage.writeSnapshot(head, content);
    await settled();
    files.kill();
    expect(unfinished(files)).toHaveLength(1);
    await reopened(files);
    expect(unfinished(files)).toEqual([]);
  });
});

describe('a snapshot that is read', () => {
  it('is refused in its head at the start, or where it is read, wherever a bit is changed', async () => {
    const files = new MemoryFiles();
    await withSnapshot(files, 40, 3);
    const original = Buffer.from(files.bytesOf(SNAPSHOT));
    const harmless: number[] = [];
    for (const [at, byte] of original.entries()) {
      const bytes = Buffer.from(original);
      bytes[at] = byte ^ (1 << (at % 8));
      files.overwrite(SNAPSHOT, bytes);
      const storage = storageOn(files);
      try {
        await storage.load();
        expect(await contentOf(storage, 2)).toBe(43);
        harmless.push(at);
      } catch (error) {
        if (!(error instanceof DamagedError) || error.file !== SNAPSHOT) throw error;
      }
      files.kill();
    }
    // The last bytes of the head of a file are zeros, which mean nothing.
    expect(harmless).toEqual([20, 21, 22, 23]);
  });

  it('is refused where it was cut, or goes on behind its end', async () => {
    const files = new MemoryFiles();
    await withSnapshot(files, 40, 300_000);
    const original = Buffer.from(files.bytesOf(SNAPSHOT));
    for (const length of [
      0,
      10,
      24,
      40,
      1000,
      original.length - 12,
      original.length - 1,
      original.length + 1,
    ]) {
      files.overwrite(SNAPSHOT, Buffer.concat([original, Buffer.alloc(1)]).subarray(0, length));
      const storage = storageOn(files);
      const outcome: unknown = await storage
        .load()
        .then(() => contentOf(storage, 2))
        .catch((error: unknown) => error);
      files.kill();
      expect(outcome, `${length} bytes`).toBeInstanceOf(DamagedError);
    }
  });

  it('fits no other directory', async () => {
    const files = new MemoryFiles();
    const other = new MemoryFiles();
    await withSnapshot(files, 40);
    await withSnapshot(other, 40);
    other.overwrite(SNAPSHOT, files.bytesOf(SNAPSHOT));
    await expect(reopened(other)).rejects.toMatchObject({ code: 'STORAGE_DAMAGED', file: SNAPSHOT });
  });

  it('has to be there: the log begins behind it', async () => {
    const files = new MemoryFiles();
    await withSnapshot(files, 40);
    await files.remove(SNAPSHOT);
    await expect(reopened(files)).rejects.toThrow(
      /snapshot-0000000000000002.*the file is missing.*restore it/,
    );
  });

  it('has to be the one that the log names', async () => {
    const files = new MemoryFiles();
    const head = await withSnapshot(files, 40);
    const storage = await open(files);
    await storage.writeSnapshot({ ...head, clusterId: new Uint8Array(16) }, pieces(40));
    await storage.close();
    await expect(reopened(files)).rejects.toThrow(/snapshot-0000000000000002.*its head says something else/);
  });

  it('can be read to its end while the storage is closed, or says that it is', async () => {
    const files = new MemoryFiles();
    await withSnapshot(files, 300_000, 300_000);
    const storage = await open(files);
    const { content } = await storage.openSnapshot(logIndex(2));
    const reading = content[Symbol.asyncIterator]();
    await reading.next();
    await storage.close();
    await expect(reading.next()).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
    await expect(storage.openSnapshot(logIndex(2))).rejects.toMatchObject({ code: 'STORAGE_CLOSED' });
  });
});

describe('R31: what a base cannot be', () => {
  it.each([
    ['below the one before', 1, true],
    ['in a log that does not hold it', 9, true],
    ['below what is committed, where the log is emptied', 3, false],
  ])('is %s', async (_, index, isLogKept) => {
    const files = new MemoryFiles();
    const { base, clusterId } = await withSnapshot(files, 1);
    const storage = await open(files);
    await write(storage, entries(4, 5, 5));
    await write(storage, committed(4));
    const at = { ...base, index: logIndex(index) };
    await storage.writeSnapshot({ base: at, clusterId }, pieces());
    const outcome = write(storage, named(at, isLogKept));
    await expect(outcome).rejects.toMatchObject({ invariant: 'records-follow' });
  });
});

describe('what nobody needs any more', () => {
  it('goes: of snapshots the newest two stay, of segments those from the older one on, also after a restart', async () => {
    const files = new MemoryFiles();
    const head = await headAt(files, 2);
    let storage = await open(files);
    await write(storage, opening(5));
    for (let index = 2; index <= 300; index += 1) {
      await write(storage, { ...entries(index, 300), hardState: hardState(1, index - 1) });
      if (index % 20 !== 0) continue;
      const base = { ...head.base, index: logIndex(index - 1) };
      await storage.writeSnapshot({ base, clusterId: CLUSTER_ID }, pieces(1000));
      await write(storage, named(base));
      await settled();
      expect(snapshots(files).length).toBeLessThanOrEqual(2);
      // Forty entries of some 340 bytes, the one being written, and one that is ready.
      expect(segments(files).length).toBeLessThanOrEqual(8);
      if (index % 60 !== 0) continue;
      await storage.close();
      files.kill();
      storage = await open(files);
      expect(await read(storage, index, index)).toHaveLength(1);
    }
    // The log is there from the older snapshot on, for whoever has to go back to it.
    const text = segments(files).map((path) => files.bytesOf(path));
    for (let index = 280; index <= 300; index += 1) {
      const data = Buffer.alloc(300, index % 256);
      expect(text.some((bytes) => bytes.includes(data))).toBe(true);
    }
    expect((await reopenedAfter(storage, files)).record.base.index).toBe(299);
  });

  it('goes where a later base has passed it by and named it never', async () => {
    const files = new MemoryFiles();
    const { base, clusterId } = await withSnapshot(files, 40);
    const storage = await open(files);
    await write(storage, entries(4, 5, 5, 5));
    for (const index of [3, 4, 5]) {
      await storage.writeSnapshot({ base: { ...base, index: logIndex(index) }, clusterId }, pieces(40));
    }
    await write(storage, named({ ...base, index: logIndex(4) }));
    await settled();
    expect(snapshots(files)).toEqual([2, 4, 5].map((index) => SNAPSHOT.replace('2.snap', `${index}.snap`)));
    await storage.close();
  });

  it('goes at the next start where it is newer than the base', async () => {
    const files = new MemoryFiles();
    const { base, clusterId } = await withSnapshot(files, 40);
    const storage = await open(files);
    await storage.writeSnapshot({ base: { ...base, index: logIndex(3) }, clusterId }, pieces(40));
    expect(snapshots(files)).toHaveLength(2);
    await storage.close();
    await reopened(files);
    expect(snapshots(files)).toEqual([SNAPSHOT]);
  });

  it('stays until a later head says what the log needs of it', async () => {
    const files = new MemoryFiles();
    const head = await headAt(files, 2);
    const storage = await open(files);
    await write(storage, opening(1500, 1500, 1500, 1500, 1500, 5, 5));
    await write(storage, committed(7));
    const before = segments(files).length;
    for (const index of [6, 7]) {
      const base = { ...head.base, index: logIndex(index) };
      await storage.writeSnapshot({ base, clusterId: CLUSTER_ID }, pieces(1));
      await write(storage, named(base));
    }
    await settled();
    expect(segments(files)).toHaveLength(before);
    expect((await reopenedAfter(storage, files)).record.base.index).toBe(7);
  });

  it('stays where it cannot be removed, with a notice, and goes with the next', async () => {
    const files = new MemoryFiles();
    const notices: unknown[] = [];
    const head = await headAt(files, 2);
    const storage = storageOn(files, { onNotice: (notice) => notices.push(notice) });
    await storage.load();
    await write(storage, opening(5, 5, 5, 5, 5));
    await write(storage, committed(5));
    for (const index of [1, 2, 3, 4]) {
      const base = { ...head.base, index: logIndex(index) };
      await storage.writeSnapshot({ base, clusterId: CLUSTER_ID }, pieces(1));
      files.intercept = ({ kind }) =>
        kind === 'remove' && index === 3 ? systemError('EIO', 'i/o error') : null;
      await write(storage, named(base));
      await settled();
    }
    expect(notices).toEqual([expect.objectContaining({ kind: 'not-removed' })]);
  });
});

async function reopenedAfter(storage: FileLogStorage, files: MemoryFiles): ReturnType<typeof reopened> {
  await storage.close();
  files.kill();
  return reopened(files);
}
