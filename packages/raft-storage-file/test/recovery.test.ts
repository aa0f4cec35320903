import { firstConfiguration, noConfiguration, votersOf, emptyRecord, logIndex, nodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { fileHead, IDENTITY_FILE, SEGMENT_FILE } from '../src/format/file-head.ts';
import { recordBytes } from '../src/format/record.ts';
import { LogImage } from '../src/log/log-image.ts';
import { LogReader } from '../src/log/log-reader.ts';
import { MemoryFiles } from '../src/testing/index.ts';
import {
  DIRECTORY,
  entries,
  FIRST_SEGMENT,
  hardState,
  opening,
  read,
  reopened,
  SECOND_SEGMENT,
  SEGMENT_BYTES,
  storageOn,
  write,
  written,
} from './support/storage.ts';

const IDENTITY = `${DIRECTORY}/identity`;

/** Of each record in a file, in order: where it starts. */
function recordsIn(bytes: Buffer): number[] {
  const starts: number[] = [];
  for (let at = 24; bytes.readUInt32LE(at + 12) > 0; at += recordBytes(bytes.readUInt32LE(at + 12)))
    starts.push(at);
  return starts;
}

function damaged(file: string, offset: number | undefined): unknown {
  return expect.objectContaining({ code: 'STORAGE_DAMAGED', file, offset });
}

/** Changes one file on the disk. */
function change(files: MemoryFiles, path: string, edit: (bytes: Buffer) => Buffer | void): void {
  const bytes = Buffer.from(files.bytesOf(path));
  files.overwrite(path, edit(bytes) ?? bytes);
}

describe('a log that was never written to', () => {
  it('is empty, and the same directory the next time', async () => {
    const files = new MemoryFiles();
    const first = await reopened(files);
    expect(first.record.tail).toEqual([]);
    expect(first.notices).toEqual([]);
    expect((await reopened(files)).incarnation).toEqual(first.incarnation);
  });
});

describe('R30: a bad record', () => {
  it('is a torn tail where nothing shows that it was on disk, and is cut with a notice', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 10, 10)]);
    const starts = recordsIn(files.bytesOf(FIRST_SEGMENT));
    const last = starts.at(-1)!;
    change(files, FIRST_SEGMENT, (bytes) => void (bytes[last + 20]! ^= 1));

    const { record, notices } = await reopened(files);

    expect(record.tail.map(({ index }) => index)).toEqual([1, 2]);
    expect(notices).toEqual([{ kind: 'torn-tail-cut', file: FIRST_SEGMENT, offset: last }]);
    expect((await reopened(files)).notices).toEqual([]);
  });

  it('is damage where a later record was written when it was on disk', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 10), entries(3, 10)]);
    const starts = recordsIn(files.bytesOf(FIRST_SEGMENT));
    const third = starts.at(-2)!;
    change(files, FIRST_SEGMENT, (bytes) => void (bytes[third + 20]! ^= 1));
    await expect(reopened(files)).rejects.toEqual(damaged(FIRST_SEGMENT, third));
  });

  it('is damage also where it reads as zeros', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 10), entries(3, 10)]);
    const third = recordsIn(files.bytesOf(FIRST_SEGMENT)).at(-2)!;
    change(files, FIRST_SEGMENT, (bytes) => void bytes.fill(0, third, third + 32));
    await expect(reopened(files)).rejects.toEqual(damaged(FIRST_SEGMENT, third));
  });

  it('is damage where the log was closed: a seal vouches for the last batch', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 10)], 'close');
    // Head, hard state, the first entry, and the one that no later entry vouches for.
    const entry = recordsIn(files.bytesOf(FIRST_SEGMENT))[3]!;
    change(files, FIRST_SEGMENT, (bytes) => void (bytes[entry + 20]! ^= 1));
    await expect(reopened(files)).rejects.toEqual(damaged(FIRST_SEGMENT, entry));
  });

  it('is damage where the next segment was begun after it', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 1500), entries(3, 1500), entries(4, 1500)]);
    expect(recordsIn(files.bytesOf(SECOND_SEGMENT)).length).toBe(2);
    const last = recordsIn(files.bytesOf(FIRST_SEGMENT)).at(-1)!;
    change(files, FIRST_SEGMENT, (bytes) => void (bytes[last + 20]! ^= 1));
    await expect(reopened(files)).rejects.toEqual(damaged(FIRST_SEGMENT, last));
  });

  it('is damage in the head of a segment that was used for longer', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 1500, 1500), entries(4, 1500), entries(5, 10)]);
    change(files, SECOND_SEGMENT, (bytes) => void (bytes[30]! ^= 1));
    await expect(reopened(files)).rejects.toEqual(damaged(SECOND_SEGMENT, 24));
  });

  it('is a torn tail in the head of a segment that was just begun: nothing of its batch stays behind', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 1500, 1500), entries(4, 1500)]);
    change(files, SECOND_SEGMENT, (bytes) => void (bytes[30]! ^= 1));
    const { record } = await reopened(files);
    expect(record.tail.map(({ index }) => index)).toEqual([1, 2, 3]);
    files.cutPower('lost');
    expect(files.bytesOf(SECOND_SEGMENT).subarray(24)).toEqual(Buffer.alloc(SEGMENT_BYTES - 24));
  });

  it('is damage where a log that goes on after its recovery has vouched for it', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10)]);
    await written(files, [entries(2, 10)]);
    const first = recordsIn(files.bytesOf(FIRST_SEGMENT))[2]!;
    change(files, FIRST_SEGMENT, (bytes) => void (bytes[first + 20]! ^= 1));
    await expect(reopened(files)).rejects.toEqual(damaged(FIRST_SEGMENT, first));
  });

  it('does not let an older record stand in for what was cut', async () => {
    // The first life leaves two records beyond the torn one; the second writes one of the same length in its place.
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 10, 11, 12)]);
    const second = recordsIn(files.bytesOf(FIRST_SEGMENT)).at(-3)!;
    change(files, FIRST_SEGMENT, (bytes) => void (bytes[second + 20]! ^= 1));
    const storage = storageOn(files);
    await storage.load();
    await write(storage, entries(2, 10));
    files.cutPower('lost');
    expect((await reopened(files)).record.tail.map(({ index }) => index)).toEqual([1, 2]);
  });
});

describe('R30: a record in the wrong place', () => {
  it('does not fit another offset', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 10)]);
    const last = recordsIn(files.bytesOf(FIRST_SEGMENT)).at(-1)!;
    change(files, FIRST_SEGMENT, (bytes) => {
      // Where the next record would go, chained to the last one.
      bytes.copy(bytes, last + 32, last, last + 32);
      bytes.writeUInt32LE(bytes.readUInt32LE(last), last + 36);
    });
    expect((await reopened(files)).record.tail.length).toBe(2);
  });

  it('does not follow another record than the one that it was written after', async () => {
    const incarnation = new Uint8Array(16).fill(3);
    const [one, other] = [new MemoryFiles(), new MemoryFiles()];
    const options = { newIncarnation: () => incarnation };
    await written(one, [opening(10), entries(2, 10), entries(3, 10)], 'kill', options);
    // The same directory in another life: another entry 2, of the same length.
    const [second] = entries(2, 10).entries;
    const otherSecond = { ...second!, data: new Uint8Array(10).fill(99) };
    const rewritten = { ...entries(2), entries: [otherSecond] };
    await written(other, [opening(10), rewritten], 'kill', options);
    const third = recordsIn(one.bytesOf(FIRST_SEGMENT)).at(-1)!;
    change(
      other,
      FIRST_SEGMENT,
      (bytes) => void one.bytesOf(FIRST_SEGMENT).copy(bytes, third, third, third + 40),
    );
    expect((await reopened(other)).record.tail.map(({ index }) => index)).toEqual([1, 2]);
  });

  it('does not fit another directory', async () => {
    const [one, other] = [new MemoryFiles(), new MemoryFiles()];
    await written(one, [opening(10, 10)]);
    await reopened(other);
    other.overwrite(FIRST_SEGMENT, one.bytesOf(FIRST_SEGMENT));
    expect((await reopened(other)).record.tail).toEqual([]);
  });

  it('does not fit another segment', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 1500), entries(3, 1500), entries(4, 1500)]);
    files.overwrite(SECOND_SEGMENT, files.bytesOf(FIRST_SEGMENT));
    expect((await reopened(files)).record.tail.map(({ index }) => index)).toEqual([1, 2, 3]);
  });
});

describe('R31: records that fit and say something impossible', () => {
  const refused = expect.objectContaining({ invariant: 'records-follow' }) as unknown;

  it.each([
    ['an entry of a term above the current one', { ...entries(1, 5), hardState: null }],
    ['a commit above the last entry', { ...opening(5), hardState: hardState(1, 4) }],
    ['a gap', { ...entries(3, 5), hardState: hardState(1) }],
    ['a truncation above the last entry', { ...opening(), truncateFrom: logIndex(1) }],
  ])('are not written: %s', async (_, batch) => {
    const storage = storageOn(new MemoryFiles());
    await storage.load();
    await expect(write(storage, batch)).rejects.toEqual(refused);
    await expect(write(storage, opening(5))).rejects.toEqual(refused);
  });

  it('are not written: a truncation of what was committed', async () => {
    const storage = storageOn(new MemoryFiles());
    await storage.load();
    await write(storage, opening(5, 5));
    await write(storage, { hardState: hardState(1, 2), newBase: null, truncateFrom: null, entries: [] });
    const batch = { hardState: null, newBase: null, truncateFrom: logIndex(2), entries: [] };
    await expect(write(storage, batch)).rejects.toEqual(refused);
  });

  it('are not written: a term below the one before', async () => {
    const storage = storageOn(new MemoryFiles());
    await storage.load();
    await write(storage, { hardState: hardState(3), newBase: null, truncateFrom: null, entries: [] });
    const batch = { hardState: hardState(2), newBase: null, truncateFrom: null, entries: [] };
    await expect(write(storage, batch)).rejects.toEqual(refused);
  });
});

describe('a directory that is not what it was', () => {
  it('is refused where it belongs to another node or cluster, naming both', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(5)]);
    await expect(reopened(files, { node: nodeId('b') })).rejects.toThrow(/belongs to node "a", not to "b"/);
    await expect(reopened(files, { cluster: 'other' })).rejects.toThrow(
      /belongs to cluster "test", not to "other"/,
    );
    expect((await reopened(files)).record.tail.length).toBe(1);
  });

  it('keeps the members that it began with, and says that others were given', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(5)]);
    const configuration = firstConfiguration([{ id: nodeId('a'), data: Uint8Array.of(1) }]);
    const { record, notices } = await reopened(files, { configuration });
    expect(votersOf(record.base.configuration).length).toBe(3);
    expect(notices).toEqual([{ kind: 'configuration-ignored' }]);
  });

  it.each([
    ['a segment', FIRST_SEGMENT],
    ['the identity', IDENTITY],
  ])('is refused where %s is of another version, naming both versions', async (_, path) => {
    const files = new MemoryFiles();
    await written(files, [opening(5)]);
    const kind = path === IDENTITY ? IDENTITY_FILE : SEGMENT_FILE;
    change(files, path, (bytes) => {
      fileHead({ ...kind, version: 7 }, bytes.length).copy(bytes);
    });
    await expect(reopened(files)).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_UNKNOWN_FORMAT', file: path, found: 7, known: 1 }),
    );
  });

  it.each([
    ['a segment that begins with something else', FIRST_SEGMENT, (bytes: Buffer) => void bytes.write('x'), 0],
    ['a segment without its end', FIRST_SEGMENT, (bytes: Buffer) => bytes.subarray(0, 1000), 1000],
    ['an empty segment', FIRST_SEGMENT, () => Buffer.alloc(0), 0],
    ['an identity that begins with something else', IDENTITY, (bytes: Buffer) => void bytes.write('x'), 0],
    ['an identity with a changed byte', IDENTITY, (bytes: Buffer) => void (bytes[40]! ^= 1), 24],
    ['an identity without its end', IDENTITY, (bytes: Buffer) => bytes.subarray(0, 30), 30],
  ])('is refused where it has %s', async (_, path, edit, offset) => {
    const files = new MemoryFiles();
    await written(files, [opening(5)]);
    change(files, path, edit);
    await expect(reopened(files)).rejects.toEqual(damaged(path, offset));
  });

  it('is refused where a segment is missing', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 1500, 1500), entries(4, 1500)]);
    await files.remove(FIRST_SEGMENT);
    await expect(reopened(files)).rejects.toEqual(damaged(FIRST_SEGMENT, 0));
  });

  it('is refused where all segments are missing: an emptied member is not a new one', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10)]);
    await files.remove(FIRST_SEGMENT);
    await expect(reopened(files)).rejects.toEqual(damaged(FIRST_SEGMENT, 0));
  });

  it('is refused where the identity is missing, and there are records', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10)]);
    await files.remove(IDENTITY);
    await expect(reopened(files)).rejects.toEqual(damaged(IDENTITY, 0));
  });

  it('is another directory once all is removed', async () => {
    const files = new MemoryFiles();
    const { incarnation } = await reopened(files);
    for (const path of files.paths) await files.remove(path);
    expect((await reopened(files)).incarnation).not.toEqual(incarnation);
  });
});

describe('what is read back', () => {
  it('is refused where it is not what was written', async () => {
    const files = new MemoryFiles();
    const storage = storageOn(files);
    await storage.load();
    await write(storage, opening(10, 10, 10));
    const second = recordsIn(files.bytesOf(FIRST_SEGMENT)).at(-2)!;
    files.bytesOf(FIRST_SEGMENT)[second + 30]! ^= 1;
    expect((await read(storage, 1, 1)).map(({ index }) => index)).toEqual([1]);
    await expect(read(storage, 1, 3)).rejects.toEqual(damaged(FIRST_SEGMENT, second));
  });

  it('is the entry that was asked for, or refused: another one that fits its place is none', async () => {
    const files = new MemoryFiles();
    const incarnation = new Uint8Array(16).fill(3);
    const storage = storageOn(files, { newIncarnation: () => incarnation });
    await storage.load();
    const batch = opening(10, 10);
    await write(storage, batch);
    const [, , first] = recordsIn(files.bytesOf(FIRST_SEGMENT));
    const { hardState: none, base } = emptyRecord(noConfiguration());
    const head = {
      kind: 'head',
      hardState: none,
      base,
      configurations: [],
      termRanges: [],
      clusterId: null,
      members: [],
    } as const;
    const image = new LogImage({ ...head, lastIndex: base.index, lastTerm: base.term });
    // An image that takes the place of entry 1 for that of entry 2.
    for (const entry of batch.entries) image.apply({ kind: 'entry', entry }, { segment: 1, offset: first! });
    const segment = { number: 1, file: await files.open(FIRST_SEGMENT), size: SEGMENT_BYTES };
    const reader = new LogReader(incarnation, image, new Map([[1, segment]]), () => true);
    expect((await reader.read(logIndex(1), logIndex(1), 1000)).map(({ index }) => index)).toEqual([1]);
    await expect(reader.read(logIndex(2), logIndex(2), 1000)).rejects.toEqual(damaged(FIRST_SEGMENT, first));
  });

  it('is an entry longer than a segment, in a segment of its own length', async () => {
    const files = new MemoryFiles();
    await written(files, [opening(10), entries(2, 3 * SEGMENT_BYTES), entries(3, 10)]);
    const storage = storageOn(files);
    const { record } = await storage.load();
    expect(record.tail.map(({ data }) => data.length)).toEqual([10, 3 * SEGMENT_BYTES, 10]);
    expect((await read(storage, 2, 3))[0]?.data.length).toBe(3 * SEGMENT_BYTES);
  });
});
