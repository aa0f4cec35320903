/** Any bytes in the files of a directory give a log that was once written, or a typed refusal. */

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { StorageError } from '../src/index.ts';
import { MemoryFiles } from '../src/testing/index.ts';
import { entries, opening, reopened, written } from './support/storage.ts';

/** Several segments, and a batch that nothing vouches for. */
const BATCHES = [
  opening(10, 300),
  entries(3, 1500),
  entries(4, 1500, 20),
  entries(6, 900, 900),
  entries(8, 40),
  entries(9, 30, 30),
];
const LAST = 10;

interface Change {
  readonly file: number;
  readonly at: number;
  readonly bytes: Uint8Array;
}

// Most files are mostly zeros: what matters stands in the beginning.
const places = fc.oneof(fc.nat(2 ** 20), fc.nat(400), fc.nat(5));
const small = fc.record({
  file: fc.nat(9),
  at: places,
  bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }),
});
const large = fc.record({ file: fc.nat(9), at: places, bytes: fc.constant(new Uint8Array(600)) });

/** A directory that can be damaged again and again, and what a start finds in it. */
async function damageable(): Promise<(changes: readonly Change[]) => Promise<number | StorageError>> {
  const files = new MemoryFiles();
  await written(files, BATCHES);
  const original = new Map(files.paths.map((path) => [path, Buffer.from(files.bytesOf(path))]));
  return async (changes) => {
    for (const path of files.paths) await files.remove(path);
    for (const [path, bytes] of original) files.overwrite(path, Buffer.from(bytes));
    for (const { file, at, bytes } of changes) {
      const path = [...original.keys()][file % original.size] ?? '';
      const copy = Buffer.from(files.bytesOf(path));
      copy.set(bytes.subarray(0, copy.length), at % Math.max(copy.length - bytes.length, 1));
      files.overwrite(path, copy);
    }
    try {
      const { record } = await reopened(files);
      expect(record.tail).toEqual(BATCHES.flatMap((batch) => batch.entries).slice(0, record.tail.length));
      return record.tail.length;
    } catch (error) {
      files.kill();
      if (error instanceof StorageError) return error;
      throw error;
    }
  };
}

it('is a beginning of what was written, or refused in a way that says what to do', async () => {
  const found = await damageable();
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(small, large), { minLength: 1, maxLength: 3 }), async (changes) => {
      if ((await found(changes)) instanceof StorageError) refusals += 1;
    }),
    { numRuns: 600 },
  );
  // Else the changes would have missed whatever counts.
  expect(refusals).toBeGreaterThan(100);
});

it('lacks nothing that was vouched for, where one place is damaged', async () => {
  const found = await damageable();
  await fc.assert(
    fc.asyncProperty(small, async (change) => {
      const outcome = await found([change]);
      // The last batch alone, of two entries, is vouched for by nothing.
      expect(outcome instanceof StorageError || outcome >= LAST - 2).toBe(true);
    }),
    { numRuns: 600 },
  );
});
