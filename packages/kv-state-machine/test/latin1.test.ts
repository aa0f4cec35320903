/** Bytes as text, by the way of Node and by that of browsers. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfLatin1, bytesOfLatin1ForNow, latin1, latin1InChunks } from '../src/latin1.ts';

/** Around the sizes at which the way changes. */
const bytes = fc
  .oneof(fc.nat(80), fc.integer({ min: 4090, max: 4102 }), fc.constant(10_000))
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

describe('latin1', () => {
  it('has a character for each byte, and gives the bytes back', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        const text = latin1(given);
        expect(text.length).toBe(given.length);
        expect([...given].every((byte, at) => text.charCodeAt(at) === byte)).toBe(true);
        expect(bytesOfLatin1(text)).toEqual(given);
      }),
    );
  });

  it('gives the same bytes for now, until the next are asked for', () => {
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        for (const given of [one, other]) expect(bytesOfLatin1ForNow(latin1(given))).toEqual(given);
      }),
    );
  });

  it('is the same where there is no Buffer', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(latin1InChunks(given)).toBe(latin1(given));
      }),
    );
  });

  it('reads a part of an array where it stands, and keeps nothing of it', () => {
    const all = new Uint8Array(200).map((_, at) => at);
    const text = latin1(all.subarray(100, 180));
    all.fill(0);
    expect([text.charCodeAt(0), text.charCodeAt(79)]).toEqual([100, 179]);
  });
});
