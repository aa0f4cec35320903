/** Keys and values as arguments: refused here if no cluster would take them, before one is asked. */

import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '@raftkv/kv-protocol';
import { UsageError } from './exit-codes.ts';

/** @throws {UsageError} */
export function checkedKey(text: string): string {
  if (text === '') throw new UsageError('the key is empty: a key has at least one byte');
  return checked(text, 'key', KEY_BYTES_MAX, 'shorten it');
}

/** @throws {UsageError} */
export function checkedValue(text: string): string {
  return checked(text, 'value', VALUE_BYTES_MAX, 'split it');
}

function checked(text: string, what: string, bytesMax: number, remedy: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) {
    throw new UsageError(`the ${what} has ${bytes} bytes, and may have ${bytesMax}: ${remedy}`);
  }
  // Node puts this character for bytes that are no UTF-8, and different arguments would become one.
  if (text.includes('\uFFFD')) {
    const advice = what === 'value' ? 'give it by standard input' : 'choose another key';
    throw new UsageError(`the ${what} is no UTF-8, which arguments have to be: ${advice}`);
  }
  return text;
}
