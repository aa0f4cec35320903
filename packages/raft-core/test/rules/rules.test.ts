/** No rule is forgotten: each that the core obeys has tests under its name. */

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * R13 as to what follows from a connection; what a disconnect is binds the transport. Those above
 * R20 but R21, R27 and R33 come with their features.
 */
const RULES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 27, 33];

describe('the rules of the core', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const texts = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));

  for (const rule of RULES) {
    it(`include R${rule}, and tests describe it`, () => {
      expect(texts.filter((text) => text.includes(`describe('R${rule}: `)).length).toBeGreaterThan(0);
    });
  }
});
