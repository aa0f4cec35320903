/** Copies that share memory, and nothing else. */

import { expect, it } from 'vitest';
import { copyOf, utf8Of } from '../src/copies.ts';

/** Around the ends of blocks, and of what is shared. */
const LENGTHS = [0, 1, 12, 256, 2_047, 2_048, 2_049, 16_384, 16_385, 100_000];

it('copies bytes of any length, and none into another', () => {
  const given = Array.from({ length: 300 }, (_, index) =>
    new Uint8Array(LENGTHS[index % LENGTHS.length]!).fill(index % 256),
  );
  const copies = given.map((bytes) => copyOf(bytes));
  const expected = given.map((bytes) => Buffer.from(bytes).toString('hex'));
  for (const bytes of given) bytes.fill(255);
  expect(copies.map((copy) => Buffer.from(copy).toString('hex'))).toEqual(expected);
});

it('copies what a Buffer shares', () => {
  const shared = Buffer.from('abcdef').subarray(1, 3);
  const copy = copyOf(shared);
  shared.fill('x');
  expect([Buffer.from(copy).toString(), copy.constructor]).toEqual(['bc', Uint8Array]);
});

it.each(['a', 'é', '€', '😀'])('encodes texts of %s of any length, and none into another', (character) => {
  const texts = Array.from({ length: 60 }, (_, index) =>
    character.repeat(LENGTHS[index % LENGTHS.length]! / 4),
  );
  const encoded = texts.map((text) => utf8Of(text));
  expect(encoded.map((bytes) => Buffer.from(bytes).toString())).toEqual(texts);
});

it('has many short copies in one block, and the next in another when that is full', () => {
  const blocks = new Set(Array.from({ length: 1_000 }, () => copyOf(new Uint8Array(100)).buffer));
  expect(blocks.size).toBeLessThanOrEqual(8);
  for (const { byteLength } of blocks) expect(byteLength).toBe(16 * 1024);
});
