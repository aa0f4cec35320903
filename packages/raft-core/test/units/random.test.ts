/** Chance as a value: what a run needs of it to be replayed. */

import { describe, expect, it } from 'vitest';
import { draw, seededRandom } from '../../src/basics/random.ts';

function sequence(seed: number, length: number): number[] {
  const values: number[] = [];
  for (let random = seededRandom(seed); values.length < length;) {
    const drawn = draw(random);
    values.push(drawn.value);
    ({ random } = drawn);
  }
  return values;
}

describe('the generator', () => {
  it('gives the same sequence for the same seed', () => {
    expect(sequence(42, 50)).toEqual(sequence(42, 50));
    expect(new Set(sequence(42, 50)).size).toBe(50);
  });

  it('gives numbers from 0 to below 1, evenly', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const value of sequence(7, 10_000)) {
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThan(1);
      const tenth = Math.floor(value * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('gives unrelated sequences for nearby seeds', () => {
    const firsts = Array.from({ length: 1000 }, (_, seed) => sequence(seed, 1)[0]);
    expect(new Set(firsts).size).toBe(1000);
    const steps = firsts.map((value, at) => Math.abs((value ?? 0) - (firsts[at - 1] ?? 0)));
    // Two numbers drawn evenly and independently lie a third apart on average.
    expect(steps.reduce((sum, step) => sum + step, 0) / 1000).toBeCloseTo(1 / 3, 1);
  });

  it('tells seeds apart that differ only above 2^32', () => {
    const seeds = [5, 5 + 2 ** 32, 5 + 2 * 2 ** 32, 5 + 2 ** 52, 5 - 2 ** 32];
    expect(new Set(seeds.map((seed) => sequence(seed, 3).join(' '))).size).toBe(seeds.length);
  });

  it('keeps its whole state in one 32-bit number', () => {
    for (const seed of [0, -1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      const random = seededRandom(seed);
      for (const state of [random, draw(random).random]) {
        expect(Number.isInteger(state) && state >= 0 && state < 2 ** 32).toBe(true);
      }
    }
  });
});
