/**
 * Copies of keys and values for as long as a call takes. Short ones share blocks of memory: one of its own costs each, to
 * get and to give back, many times what its bytes do.
 */

import { ByteBlocks } from '@raftkv/codec';

/** One call that takes long keeps the block that its bytes are in. */
const BLOCK_BYTES = 16 * 1024;
/** Longer ones have memory of their own. */
const SHARED_BYTES_MAX = 2 * 1024;
/** Of UTF-8, for each unit of a string. */
const UNIT_BYTES_MAX = 3;

const encoder = new TextEncoder();
const blocks = new ByteBlocks(BLOCK_BYTES);

export function copyOf(bytes: Uint8Array): Uint8Array {
  // Not `slice`: a Buffer's shares the memory.
  if (bytes.length > SHARED_BYTES_MAX) return new Uint8Array(bytes);
  blocks.reserve(bytes.length).set(bytes);
  return blocks.take(bytes.length);
}

/** The UTF-8 of `text`, which is well-formed. */
export function utf8Of(text: string): Uint8Array {
  const bytesMax = text.length * UNIT_BYTES_MAX;
  if (bytesMax > SHARED_BYTES_MAX) return encoder.encode(text);
  return blocks.take(encoder.encodeInto(text, blocks.reserve(bytesMax)).written);
}
