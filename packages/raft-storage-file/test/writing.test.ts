import { EncodeError } from '@raftkv/codec';
import { logIndex, nodeId, term } from '@raftkv/core';
import { ENTRY_DATA_BYTES_MAX, type WriteBatch } from '@raftkv/runtime';
import { describe, expect, it, vi } from 'vitest';
import type { FileLogStorage } from '../src/index.ts';
import { decodeRecord } from '../src/format/log-record.ts';
import { placeSeed, unframe } from '../src/format/record.ts';
import { FIRST_RECORD } from '../src/log/segment.ts';
import { MemoryFiles, systemError, type Operation } from '../src/testing/index.ts';
import {
  entries,
  FIRST_SEGMENT,
  hardState,
  opening,
  read,
  reopened,
  SECOND_SEGMENT,
  storageOn,
  write,
} from './support/storage.ts';

async function open(files: MemoryFiles): Promise<FileLogStorage> {
  const storage = storageOn(files);
  await storage.load();
  return storage;
}

/** Lets everything happen that is under way. */
async function settled(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function tooLong(index: number): WriteBatch {
  const data = new Uint8Array(ENTRY_DATA_BYTES_MAX + 1);
  return { ...entries(1), entries: [{ index: logIndex(index), term: term(1), kind: 'command', data }] };
}

describe('group commit', () => {
  it('writes at once what comes alone, and together what comes meanwhile', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    await write(storage, opening(5));
    const operations: string[] = [];
    files.intercept = ({ kind }) => {
      operations.push(kind);
      return null;
    };
    const done: number[] = [];
    const pending = [2, 3, 4, 5].map(async (from) => {
      await write(storage, entries(from, 5));
      done.push(from);
    });
    await Promise.all(pending);
    expect(operations).toEqual(['write', 'sync', 'write', 'sync']);
    expect(done).toEqual([2, 3, 4, 5]);
  });

  it('writes at most so much at once, and what is longer alone', async () => {
    const files = new MemoryFiles();
    const storage = storageOn(files, { segmentBytes: 32 * 1024 * 1024 });
    await storage.load();
    await write(storage, opening(5));
    const writes: string[] = [];
    files.intercept = ({ kind }) => {
      if (kind === 'write') writes.push(kind);
      return null;
    };
    const sizes = [5, 1_500_000, 1_500_000, 5_000_000, 5];
    await Promise.all(sizes.map((size, at) => write(storage, entries(2 + at, size))));
    // The first came alone. Of what came meanwhile, three and then five MB are taken at once, of 4 MiB that may be.
    expect(writes).toHaveLength(4);
  });

  it('says that a batch is written only after its sync', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    const events: string[] = [];
    files.intercept = ({ kind }) => {
      events.push(kind);
      return null;
    };
    await write(storage, opening(5));
    events.push('done');
    expect(events).toEqual(['write', 'sync', 'done']);
  });

  it('answers an empty batch, without a write', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    const { operations } = files;
    await write(storage, { hardState: null, newBase: null, truncateFrom: null, entries: [] });
    expect(files.operations).toBe(operations);
  });

  it('never calls back within the call', async () => {
    const storage = await open(new MemoryFiles());
    const done = vi.fn<(error: Error | null) => void>();
    storage.write(opening(5), done);
    storage.write({ hardState: null, newBase: null, truncateFrom: null, entries: [] }, done);
    storage.bindMember(nodeId('b'), new Uint8Array(16), done);
    expect(done).not.toHaveBeenCalled();
    await settled();
    expect(done).toHaveBeenCalledTimes(3);
  });
});

describe('an entry that is longer than any may be', () => {
  it('is what its write ends with, and nothing is written any more', async () => {
    const storage = await open(new MemoryFiles());
    await expect(write(storage, tooLong(1))).rejects.toThrow(EncodeError);
    await expect(write(storage, opening(1))).rejects.toThrow(EncodeError);
  });

  it('is so too where it waited for the write before it, which ends well', async () => {
    const storage = await open(new MemoryFiles());
    await write(storage, opening(5));
    const ends = await Promise.allSettled([write(storage, entries(2, 5)), write(storage, tooLong(3))]);
    expect(ends).toMatchObject([{ status: 'fulfilled' }, { reason: expect.any(EncodeError) as unknown }]);
  });
});

describe('a reading', () => {
  it('gives no entry that is not yet on disk, in the place of one that was truncated', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    await write(storage, opening(5, 5, 5));
    const rewriting = write(storage, { ...entries(2, 9), truncateFrom: logIndex(2) });
    // The bytes are under way: what stands at their place on the disk is zeros.
    const [all, rewritten] = await Promise.all([read(storage, 1, 3), read(storage, 2, 3)]);
    expect(all.map(({ data }) => data.length)).toEqual([5]);
    expect(rewritten).toEqual([]);
    await rewriting;
    expect((await read(storage, 1, 3)).map(({ data }) => data.length)).toEqual([5, 9]);
  });
});

describe('segments', () => {
  it('are prepared while the one before is written, and never within a write', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    await write(storage, opening(1000, 1000, 1000));
    await settled();
    expect(files.paths).toContain(SECOND_SEGMENT);
    const created: Operation[] = [];
    files.intercept = (operation) => {
      if (operation.kind === 'create') created.push(operation);
      return null;
    };
    await write(storage, entries(4, 1000));
    expect(created).toEqual([]);
  });

  it('are filled to their length before they are used: a write never makes one grow (R32)', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    const length = files.bytesOf(FIRST_SEGMENT).length;
    await write(storage, opening(1000, 1000, 1000));
    expect(files.bytesOf(FIRST_SEGMENT).length).toBe(length);
  });

  it('begin with all that the ones before say, entries left out (R31)', async () => {
    const files = new MemoryFiles();
    const incarnation = new Uint8Array(16).fill(3);
    const storage = storageOn(files, { newIncarnation: () => incarnation });
    await storage.load();
    await write(storage, opening(1500));
    await write(storage, { ...entries(2, 1500), hardState: hardState(4, 1) });
    await new Promise((resolve) => {
      storage.bindMember(nodeId('b'), incarnation, resolve);
    });
    await write(storage, entries(3, 1500));
    const seed = placeSeed(incarnation, 2);
    const frame = unframe(files.bytesOf(SECOND_SEGMENT), FIRST_RECORD, { seed, offset: FIRST_RECORD });
    expect(decodeRecord(frame!.body)).toMatchObject({
      kind: 'head',
      hardState: hardState(4, 1),
      base: { index: 0, configuration: { voters: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] } },
      members: [[nodeId('b'), incarnation]],
      lastIndex: 2,
      lastTerm: 1,
    });
  });

  it('begin with the configurations of the entries before them, too (R31)', async () => {
    const files = new MemoryFiles();
    const incarnation = new Uint8Array(16).fill(3);
    const storage = storageOn(files, { newIncarnation: () => incarnation });
    await storage.load();
    const voters = [{ id: nodeId('a'), data: Uint8Array.of(1) }];
    const configuration = { kind: 'simple', voters, learners: [], removed: [nodeId('b')] } as const;
    const entry = {
      index: logIndex(2),
      term: term(1),
      kind: 'configuration',
      data: new Uint8Array(0),
    } as const;
    await write(storage, opening(3000));
    await write(storage, {
      hardState: null,
      newBase: null,
      truncateFrom: null,
      entries: [{ ...entry, configuration }],
    });
    await write(storage, entries(3, 1500));
    const seed = placeSeed(incarnation, 2);
    const frame = unframe(files.bytesOf(SECOND_SEGMENT), FIRST_RECORD, { seed, offset: FIRST_RECORD });
    expect(decodeRecord(frame!.body)).toMatchObject({ configurations: [{ index: 2, configuration }] });
    files.cutPower('lost');
    expect((await reopened(files)).record.configurations).toEqual([{ index: 2, configuration }]);
  });

  it('are never crossed by a batch (R30)', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    await write(storage, opening(1500));
    const writes: string[] = [];
    files.intercept = ({ kind, path }) => {
      if (kind === 'sync') writes.push(path);
      return null;
    };
    await write(storage, entries(2, 1500, 1500, 1500));
    expect(writes.filter((path) => path === FIRST_SEGMENT)).toHaveLength(1);
    files.cutPower('lost');
    expect((await reopened(files)).record.tail.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
  });
});

describe('a seal', () => {
  it('follows when nothing was written for a while, once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const files = new MemoryFiles();
      const storage = storageOn(files, { sealAfterMs: 100 });
      await storage.load();
      await write(storage, opening(5));
      const { operations } = files;
      vi.advanceTimersByTime(99);
      await settled();
      expect(files.operations).toBe(operations);
      vi.advanceTimersByTime(1);
      await settled();
      expect(files.operations).toBe(operations + 2);
      vi.advanceTimersByTime(1000);
      await settled();
      expect(files.operations).toBe(operations + 2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('goes by the timer that the host gives, which the next write takes back', async () => {
    const timers: { delayMs: number; callback: () => void; isTakenBack: boolean }[] = [];
    const setTimer = (delayMs: number, callback: () => void) => {
      const timer = { delayMs, callback, isTakenBack: false };
      timers.push(timer);
      return () => {
        timer.isTakenBack = true;
      };
    };
    const files = new MemoryFiles();
    const storage = storageOn(files, { sealAfterMs: 100, setTimer });
    await storage.load();
    await write(storage, opening(5));
    await write(storage, entries(2, 10));
    expect(timers.map(({ delayMs, isTakenBack }) => [delayMs, isTakenBack])).toEqual([
      [100, true],
      [100, false],
    ]);
    const { operations } = files;
    timers[1]?.callback();
    await settled();
    expect(files.operations).toBe(operations + 2);
  });

  it('is not written again by a log that is opened and closed', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    await write(storage, opening(5));
    await storage.close();
    const before = Buffer.from(files.bytesOf(FIRST_SEGMENT));
    await (await open(files)).close();
    expect(files.bytesOf(FIRST_SEGMENT)).toEqual(before);
  });
});

describe('a disk that fails', () => {
  it.each([
    ['write', 'EIO', /Look at the disk/],
    ['sync', 'EIO', /Look at the disk/],
    ['write', 'ENOSPC', /Make room on the disk/],
  ] as const)(
    'at a %s with %s ends the storage: nothing is answered as written from then on',
    async (kind, code, advice) => {
      const files = new MemoryFiles();
      const storage = await open(files);
      await write(storage, opening(5));
      files.intercept = (operation) => (operation.kind === kind ? systemError(code, 'no') : null);
      const failed = expect.objectContaining({
        code: 'STORAGE_FAILED',
        file: FIRST_SEGMENT,
        message: expect.stringMatching(advice) as unknown,
      }) as unknown;
      const both = [write(storage, entries(2, 5)), write(storage, entries(3, 5))];
      for (const one of both) await expect(one).rejects.toEqual(failed);
      files.intercept = null;
      const { operations } = files;
      await expect(write(storage, entries(4, 5))).rejects.toEqual(failed);
      await storage.close();
      expect(files.operations).toBe(operations);
    },
  );

  it('loses nothing that was acknowledged, though the cache claims what the disk lacks (R29)', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    await write(storage, opening(5));
    let isBroken = true;
    files.intercept = ({ kind }) => (isBroken && kind === 'sync' ? systemError('EIO', 'no') : null);
    await expect(write(storage, entries(2, 5))).rejects.toThrow('EIO');
    isBroken = false;
    // The process restarts and finds entry 2 in the cache: what it reports is on disk from then on.
    files.kill();
    const { record } = await reopened(files);
    files.cutPower('lost');
    expect((await reopened(files)).record).toEqual(record);
  });

  it('refuses a segment when it is full, not before it is needed', async () => {
    const files = new MemoryFiles({ capacityBytes: 6000 });
    const storage = await open(files);
    await write(storage, opening(1000, 1000));
    await settled();
    await write(storage, entries(3, 500));
    await expect(write(storage, entries(4, 3000))).rejects.toThrow(/no space left.*Make room/);
    files.kill();
    expect((await reopened(files)).record.tail.map(({ index }) => index)).toEqual([1, 2, 3]);
  });

  it('fails the start where it fails there, and the next start finds all', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    await write(storage, opening(5));
    files.kill();
    files.intercept = ({ kind }) => (kind === 'sync' ? systemError('EIO', 'no') : null);
    await expect(storageOn(files).load()).rejects.toThrow('EIO');
    files.intercept = null;
    expect((await reopened(files)).record.tail.length).toBe(1);
  });
});

describe('a storage that is closed', () => {
  it('has ended what was begun, answers nothing more, and lets the next one in', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    const pending = write(storage, opening(5));
    const closing = storage.close();
    await expect(write(storage, entries(2, 5))).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_CLOSED' }),
    );
    await Promise.all([pending, closing, storage.close()]);
    expect((await reopened(files)).record.tail.length).toBe(1);
  });

  it('keeps others out until then', async () => {
    const files = new MemoryFiles();
    const storage = await open(files);
    const locked = expect.objectContaining({ code: 'STORAGE_LOCKED' }) as unknown;
    await expect(storageOn(files).load()).rejects.toEqual(locked);
    await storage.close();
    await storageOn(files).load();
  });

  it('lets go of the directory also where it could not be opened', async () => {
    const files = new MemoryFiles();
    await reopened(files);
    await expect(storageOn(files, { node: nodeId('z') }).load()).rejects.toThrow('belongs to node');
    await storageOn(files).load();
  });
});

describe('the id of the cluster', () => {
  it('is the payload of the no-op at 1, once that is known to be committed', async () => {
    const files = new MemoryFiles();
    const clusterId = new Uint8Array(16).fill(7);
    const [first] = opening(5).entries;
    const noOp = { ...first!, kind: 'no-op', data: clusterId } as const;
    let storage = await open(files);
    await write(storage, { ...opening(), entries: [noOp] });
    files.kill();
    expect((await reopened(files)).clusterId).toBeNull();

    storage = await open(files);
    await write(storage, { hardState: hardState(1, 1), newBase: null, truncateFrom: null, entries: [] });
    // It is restated in the heads of later segments.
    await write(storage, entries(2, 1500, 1500, 1500));
    files.kill();
    expect((await reopened(files)).clusterId).toEqual(clusterId);
  });
});
