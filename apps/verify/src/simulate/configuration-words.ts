/** A configuration in words, all that it says of its members among them: the same for two that are the same, and for no others. */

import type { Configuration } from '@raftkv/core';

export function wordsOf(configuration: Configuration): string {
  return JSON.stringify(configuration, (_, value: unknown) =>
    value instanceof Uint8Array ? [...value] : value,
  );
}
