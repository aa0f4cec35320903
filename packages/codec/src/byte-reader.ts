/**
 * Bytes from outside as values. Every length has a limit and is checked before anything is allocated for it; any bytes
 * at all give a value or a `DecodeError`. Each value has one encoding: what a writer would not have written is refused,
 * so that equal values are equal bytes.
 */

import { DecodeError } from './errors.ts';

const COUNTER_BYTES_MAX = 8;
// A byte order mark is a character like any other: swallowed, the text would not survive a round trip.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class ByteReader {
  private readonly buffer: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = bytes;
  }

  /** The next byte to be read, counted from 0. */
  get offset(): number {
    return this.at;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.buffer.length - this.at;
  }

  /** An integer from 0 to 255. @throws {DecodeError} as all that read, if the bytes end before. */
  byte(): number {
    const value = this.buffer[this.at];
    if (value === undefined) throw new DecodeError('the bytes end where one was expected', this.at);
    this.at += 1;
    return value;
  }

  /** An integer in four bytes, the lowest first. */
  uint32(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 32; scale *= 2 ** 8) value += this.byte() * scale;
    return value;
  }

  /** An integer from 0 to 2^53 − 1 in as few bytes as it needs. */
  counter(): number {
    const from = this.at;
    let value = 0;
    let scale = 1;
    for (let count = 1; count <= COUNTER_BYTES_MAX; count += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte > 0x7f) {
        scale *= 0x80;
        continue;
      }
      if (byte === 0 && count > 1) throw new DecodeError('a number in more bytes than it needs', from);
      if (!Number.isSafeInteger(value)) break;
      return value;
    }
    throw new DecodeError('a number above 2^53 - 1', from);
  }

  /** A counter of at most `valueMax`; `what` names it in the error. */
  counterUpTo(valueMax: number, what: string): number {
    const from = this.at;
    const value = this.counter();
    if (value > valueMax) throw new DecodeError(`${what} is ${value}, above ${valueMax},`, from);
    return value;
  }

  /** A length of at most `bytesMax`, then as many bytes, copied: a part of a network buffer would pin it whole. */
  bytes(bytesMax: number): Uint8Array<ArrayBuffer> {
    return this.raw(this.lengthUpTo(bytesMax));
  }

  /** The same as a part of what is read, not copied: only for who is done with it before keeping it would cost anything. */
  view(bytesMax: number): Uint8Array {
    const from = this.skip(this.lengthUpTo(bytesMax));
    return this.buffer.subarray(from, this.at);
  }

  /** A length in bytes of at most `bytesMax`, then well-formed UTF-8. */
  text(bytesMax: number): string {
    const from = this.skip(this.lengthUpTo(bytesMax));
    try {
      return decoder.decode(this.buffer.subarray(from, this.at));
    } catch {
      throw new DecodeError('text that is not UTF-8', from);
    }
  }

  /** `count` bytes, copied. */
  raw(count: number): Uint8Array<ArrayBuffer> {
    if (count > this.remaining) {
      throw new DecodeError(`${count} bytes were announced, ${this.remaining} are left`, this.at);
    }
    const copy = new Uint8Array(count);
    copy.set(this.buffer.subarray(this.at, this.at + count));
    this.at += count;
    return copy;
  }

  /** Refuses bytes that nobody asked for. */
  end(): void {
    if (this.remaining > 0) throw new DecodeError(`${this.remaining} bytes too many`, this.at);
  }

  /** Where the bytes began that were skipped. */
  private skip(count: number): number {
    const from = this.at;
    this.at += count;
    return from;
  }

  private lengthUpTo(bytesMax: number): number {
    const length = this.counterUpTo(bytesMax, 'a length');
    if (length > this.remaining) {
      throw new DecodeError(`${length} bytes were announced, ${this.remaining} are left`, this.at);
    }
    return length;
  }
}
