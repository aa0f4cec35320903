/** Bytes that nobody meant to send, and the one error that decoders may throw at them. */

import { DecodeError } from '@raftkv/codec';
import * as fc from 'fast-check';

/** A value, or `null` for the one error there is; any other is thrown. */
export function attempt<Value>(decode: () => Value): Value | null {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

/** Valid bytes with one byte changed, or cut short. */
export function spoilt(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc.tuple(bytes, fc.nat(), fc.nat(255), fc.boolean()).map(([valid, at, byte, isCut]) => {
    const copy = valid.slice(0, isCut ? at % valid.length : valid.length);
    if (copy.length > 0) copy[at % copy.length] = byte;
    return copy;
  });
}
