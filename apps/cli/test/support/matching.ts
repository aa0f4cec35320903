/** Vitest's matchers, which are `any`, as what they are: values to compare with. */

import { expect } from 'vitest';

export function containing(part: string): unknown {
  return expect.stringContaining(part);
}

export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}

export function all(items: readonly string[]): unknown {
  return expect.arrayContaining([...items]);
}
