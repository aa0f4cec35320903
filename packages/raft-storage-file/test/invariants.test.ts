/** Every invariant is driven broken once, and named by the module that asserts it. */

import { noConfiguration, emptyRecord, logIndex, nodeId, term, type Entry } from '@raftkv/core';
import { expect, it } from 'vitest';
import { INVARIANTS, StorageInvariantViolation, type InvariantName } from '../src/index.ts';
import { Batch } from '../src/log/batch.ts';
import { LogImage } from '../src/log/log-image.ts';
import { LogReader } from '../src/log/log-reader.ts';
import { LogWriter } from '../src/log/log-writer.ts';
import type { OpenFile } from '../src/files/file-system.ts';
import { FIRST_RECORD, type Segment } from '../src/log/segment.ts';
import { SegmentSupply } from '../src/log/segment-supply.ts';
import { MemoryFiles } from '../src/testing/index.ts';
import { opening, storageOn, write as written } from './support/storage.ts';

const INCARNATION = new Uint8Array(16);
const entry: Entry = { index: logIndex(1), term: term(1), kind: 'command', data: new Uint8Array(8) };
const term1 = { currentTerm: term(1), votedFor: nodeId('a'), commitIndex: logIndex(0) };

function imageOf(...entries: Entry[]): LogImage {
  const { hardState, base } = emptyRecord(noConfiguration());
  const image = new LogImage({
    kind: 'head',
    hardState,
    base,
    configurations: [],
    termRanges: [],
    clusterId: null,
    members: [],
    lastIndex: base.index,
    lastTerm: base.term,
  });
  for (const one of entries) image.apply({ kind: 'entry', entry: one }, { segment: 1, offset: FIRST_RECORD });
  return image;
}

/** What writes end with, one after another, on a file that answers as told. */
function outcomeOfWrites(writeSynced: OpenFile['writeSynced']): Promise<unknown> {
  const file = { path: 'f', writeSynced } as OpenFile;
  const segment: Segment = { number: 1, file, size: 4096 };
  const writer = new LogWriter({
    incarnation: INCARNATION,
    image: imageOf(),
    supply: new SegmentSupply(new MemoryFiles(), '/d', 4096, segment),
    end: null,
    sealAfterMs: null,
    setTimer: () => () => {},
    onSegment: () => {},
  });
  return new Promise((resolve) => {
    const write = () =>
      writer.write([{ kind: 'hardState', hardState: term1 }], (error) => {
        if (error === null) write();
        else resolve(error);
      });
    write();
  });
}

const CASES: Record<InvariantName, () => unknown> = {
  'batch-left-alone': () => {
    const batch = new Batch();
    batch.add({ kind: 'seal' });
    batch.frame({ seed: 0, offset: FIRST_RECORD, previous: 0 });
    batch.add({ kind: 'seal' });
  },
  'records-follow': () =>
    new Promise((resolve) => {
      const writer = new LogWriter({
        incarnation: INCARNATION,
        image: imageOf(),
        supply: new SegmentSupply(new MemoryFiles(), '/d', 4096, null),
        end: null,
        sealAfterMs: null,
        setTimer: () => () => {},
        onSegment: () => {},
      });
      writer.write([{ kind: 'entry', entry }], resolve);
    }),
  // The supply hands out a segment that claims a length it cannot have.
  'batch-within-segment': () => {
    class ShrinkingSegment implements Segment {
      readonly number = 1;
      readonly file = { path: 'f' } as OpenFile;
      private reads = 0;
      /** Long enough when it is taken, too short when it is written. */
      get size(): number {
        this.reads += 1;
        return this.reads === 1 ? 4096 : FIRST_RECORD;
      }
    }
    return new Promise((resolve) => {
      const writer = new LogWriter({
        incarnation: INCARNATION,
        image: imageOf(),
        supply: new SegmentSupply(new MemoryFiles(), '/d', 4096, new ShrinkingSegment()),
        end: null,
        sealAfterMs: null,
        setTimer: () => () => {},
        onSegment: () => {},
      });
      writer.write([{ kind: 'hardState', hardState: term1 }], resolve);
    });
  },
  // A file that answers twice: the second answer comes while the next batch is under way.
  'written-in-turn': () => {
    let calls = 0;
    return outcomeOfWrites((_, __, done) => {
      calls += 1;
      if (calls > 1) return;
      queueMicrotask(() => {
        done(null);
        done(null);
      });
    });
  },
  // The write is asked for before the snapshot has its name.
  'base-has-snapshot': async () => {
    const storage = storageOn(new MemoryFiles());
    const { record } = await storage.load();
    const base = { ...record.base, index: logIndex(1), term: term(1) };
    const newBase = { base, isLogKept: false };
    return written(storage, { ...opening(1), newBase });
  },
  'entries-have-positions': () =>
    new LogReader(INCARNATION, imageOf(entry), new Map(), () => true).readTail(10, 1000),
};

it.each(Object.keys(INVARIANTS) as InvariantName[])('%s', async (name) => {
  const outcome: unknown = await Promise.resolve()
    .then(CASES[name])
    .catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(StorageInvariantViolation);
  expect(outcome).toMatchObject({ invariant: name, code: 'STORAGE_INVARIANT' });
});
