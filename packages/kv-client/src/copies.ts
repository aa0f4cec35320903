/**
 * Copies of keys and values for as long as a call takes. Short ones share blocks of memory: one of its own costs each, to
 * get and to give back, many times what its bytes do.
 */

/** One call that takes long keeps the block that its bytes are in. */
const BLOCK_BYTES = 16 * 1024;
/** Longer ones have memory of their own. */
const SHARED_BYTES_MAX = 2 * 1024;
/** Of UTF-8, for each unit of a string. */
const UNIT_BYTES_MAX = 3;

const encoder = new TextEncoder();
let block = new Uint8Array(0);
let taken = 0;

export function copyOf(bytes: Uint8Array): Uint8Array {
  // Not `slice`: a Buffer's shares the memory.
  if (bytes.length > SHARED_BYTES_MAX) return new Uint8Array(bytes);
  makeRoom(bytes.length);
  block.set(bytes, taken);
  return take(bytes.length);
}

/** The UTF-8 of `text`, which is well-formed. */
export function utf8Of(text: string): Uint8Array {
  const bytesMax = text.length * UNIT_BYTES_MAX;
  if (bytesMax > SHARED_BYTES_MAX) return encoder.encode(text);
  makeRoom(bytesMax);
  return take(encoder.encodeInto(text, block.subarray(taken)).written);
}

function makeRoom(count: number): void {
  if (taken + count <= block.length) return;
  block = new Uint8Array(BLOCK_BYTES);
  taken = 0;
}

function take(count: number): Uint8Array {
  const from = taken;
  taken += count;
  return block.subarray(from, taken);
}
