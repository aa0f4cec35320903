/** Vitest's matchers, as values of a type that says nothing. */

import { expect } from 'vitest';

export function having(shape: Record<string, unknown>): unknown {
  return expect.objectContaining(shape);
}

export function containing(text: string): unknown {
  return expect.stringContaining(text);
}
