/** Requests and their numbers. */

import { expect, it } from 'vitest';
import { UnderWay } from '../src/under-way.ts';

it('gives rising numbers from 1, and finds by them what is under way', () => {
  const underWay = new UnderWay<string>();
  const numbered = ['a', 'b', 'c'].map((what) => underWay.add(what));
  expect(numbered.map(({ id }) => id)).toEqual([1, 2, 3]);
  numbered[1]?.cancel();
  expect([1, 2, 3, 4].map((id) => underWay.get(id)?.what)).toEqual(['a', undefined, 'c', undefined]);
  expect([underWay.size, underWay.lastId]).toEqual([2, 3]);
});

it('does not take a number for another in the same slot', () => {
  const underWay = new UnderWay<string>();
  const first = underWay.add('first');
  first.cancel();
  for (let id = 2; id <= 64; id += 1) underWay.add('').cancel();
  const later = underWay.add('later');
  expect(later.id).toBe(65);
  expect(underWay.get(first.id)).toBe(null);
  first.cancel();
  expect([underWay.get(later.id)?.what, underWay.size]).toEqual(['later', 1]);
});

it('gives what is under way in the order of the numbers when all of it is lost, and no number again', () => {
  const underWay = new UnderWay<number>();
  for (let count = 1; count <= 100; count += 1) {
    const numbered = underWay.add(count);
    if (count % 3 !== 0) numbered.cancel();
  }
  expect(underWay.clear()).toEqual(Array.from({ length: 33 }, (_, index) => (index + 1) * 3));
  const { lastId } = underWay;
  expect([underWay.size, underWay.get(lastId)]).toEqual([0, null]);
  expect(underWay.add(0).id).toBe(lastId + 1);
});

it.each([1, 2, 3])('agrees with a map through 20,000 requests, some of which take very long (%i)', (seed) => {
  const underWay = new UnderWay<number>();
  const expected = new Map<number, number>();
  let chance = seed;
  const below = (bound: number): number => {
    chance = (chance * 48_271) % (2 ** 31 - 1);
    return chance % bound;
  };
  let lastId = 0;
  for (let count = 0; count < 20_000; count += 1) {
    const { id } = underWay.add(count);
    expect(id).toBeGreaterThan(lastId);
    lastId = id;
    expected.set(id, count);
    // Up to 200 at once, and now and then one more that stays.
    for (const old of expected.keys()) {
      if (expected.size <= 200 - below(200)) break;
      if (old % 997 === 0) continue;
      underWay.get(old)?.cancel();
      expected.delete(old);
    }
  }
  expect(underWay.size).toBe(expected.size);
  for (let id = 1; id <= lastId; id += 1) expect(underWay.get(id)?.what).toBe(expected.get(id));
  expect(underWay.clear()).toEqual([...expected.values()]);
});
