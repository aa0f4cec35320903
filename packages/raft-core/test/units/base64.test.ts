/** Bytes as text, against the platform's own. Source: RFC 4648 §4. */

import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../src/basics/base64.ts';
import { draw, seededRandom } from '../../src/basics/random.ts';

function randomBytes(length: number): Uint8Array {
  let random = seededRandom(length);
  return Uint8Array.from({ length }, () => {
    const drawn = draw(random);
    ({ random } = drawn);
    return Math.floor(drawn.value * 256);
  });
}

describe('base64', () => {
  it('agrees with the platform for every length up to 300', () => {
    for (let length = 0; length <= 300; length += 1) {
      const bytes = randomBytes(length);
      const text = Buffer.from(bytes).toString('base64');
      expect(toBase64(bytes)).toBe(text);
      expect(fromBase64(text)).toEqual(bytes);
    }
  });

  it('agrees with the platform for every byte in every place', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      for (const bytes of [[byte], [0, byte], [0, 0, byte], [byte, byte, byte]]) {
        const text = toBase64(Uint8Array.from(bytes));
        expect(text).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(text)).toEqual(Uint8Array.from(bytes));
      }
    }
  });

  it('takes a view for its own bytes only', () => {
    expect(toBase64(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))).toBe('AgM=');
  });

  for (const [what, text] of Object.entries({
    'a length that is no multiple of 4': 'AAA',
    'one character': 'A',
    'padding alone': '====',
    'three characters of padding': 'A===',
    'padding in the middle': 'AA==AAAA',
    'a character of another alphabet': 'AA-_',
    'white space': 'AA A',
    'a line end after the last character': 'AAA\n',
    'a letter that is not ASCII': 'AAAÄ',
  })) {
    it(`refuses ${what}`, () => {
      expect(fromBase64(text)).toBeNull();
    });
  }
});
