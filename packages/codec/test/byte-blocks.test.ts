import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteBlocks } from '../src/index.ts';

describe('blocks of bytes', () => {
  it('give pieces that share nothing but their block', () => {
    const sizes = fc.array(fc.tuple(fc.nat(100), fc.nat(100)), { maxLength: 100 });
    fc.assert(
      fc.property(sizes, (pairs) => {
        const blocks = new ByteBlocks(128);
        const pieces = pairs.map(([one, other], at) => {
          const [count, countMax] = [Math.min(one, other), Math.max(one, other)];
          const reserved = blocks.reserve(countMax);
          reserved.subarray(0, count).fill(at);
          return { piece: blocks.take(count), count, at, isEnough: reserved.length >= countMax };
        });
        const expected = pieces.map(({ count, at }) => new Uint8Array(count).fill(at));
        expect(pieces.map(({ piece }) => piece)).toEqual(expected);
        expect(pieces.every(({ isEnough }) => isEnough)).toBe(true);
      }),
    );
  });

  it('share a block while there is room, and begin another where there is none', () => {
    const blocks = new ByteBlocks(8);
    const piece = (count: number) => (blocks.reserve(count), blocks.take(count));
    const [first, second, third] = [piece(5), piece(3), piece(1)];
    expect([first.buffer === second.buffer, second.buffer === third.buffer]).toEqual([true, false]);
  });

  it('have none that is longer than a block', () => {
    expect(() => new ByteBlocks(8).reserve(9)).toThrow(RangeError);
  });
});
