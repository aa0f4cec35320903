/**
 * Values as bytes, one after another. A counter is a varint (seven bits a byte, the lowest first; a set high bit says
 * that more follow), so that the small numbers of which most messages consist take a byte or two. Source: LEB128, as in
 * DWARF 5 §7.6.
 */

import { EncodeError } from './errors.ts';

const INITIAL_BYTES = 64;
const COUNTER_BYTES_MAX = 8;
const ILL_FORMED = /\p{Surrogate}/u;
const encoder = new TextEncoder();

export class ByteWriter {
  private buffer: Uint8Array<ArrayBuffer>;
  private end = 0;

  /** @param sizeHint bytes to begin with; more are found as they are needed. */
  constructor(sizeHint: number = INITIAL_BYTES) {
    this.buffer = new Uint8Array(Math.max(sizeHint, COUNTER_BYTES_MAX));
  }

  /** Bytes written so far. */
  get length(): number {
    return this.end;
  }

  /** An integer in one byte. @throws {EncodeError} if `value` is not from 0 to 255. */
  byte(value: number): this {
    if (!Number.isInteger(value) || value < 0 || value > 0xff) throw new EncodeError(`${value} is no byte`);
    this.makeRoom(1);
    this.buffer[this.end] = value;
    this.end += 1;
    return this;
  }

  /** An integer in four bytes, the lowest first. @throws {EncodeError} if `value` is not from 0 to 2^32 − 1. */
  uint32(value: number): this {
    if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
      throw new EncodeError(`${value} is no integer of 32 bits`);
    }
    this.makeRoom(4);
    for (let shift = 0; shift < 32; shift += 8) {
      this.buffer[this.end] = (value >>> shift) & 0xff;
      this.end += 1;
    }
    return this;
  }

  /** An integer in one to eight bytes. @throws {EncodeError} if `value` is not from 0 to 2^53 − 1. */
  counter(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new EncodeError(`${value} is no integer from 0 to 2^53 - 1`);
    }
    this.makeRoom(COUNTER_BYTES_MAX);
    let rest = value;
    // Bit operators know 32 bits only.
    while (rest > 0x7fff_ffff) {
      this.buffer[this.end] = (rest % 0x80) | 0x80;
      this.end += 1;
      rest = Math.floor(rest / 0x80);
    }
    while (rest > 0x7f) {
      this.buffer[this.end] = (rest & 0x7f) | 0x80;
      this.end += 1;
      rest >>>= 7;
    }
    this.buffer[this.end] = rest;
    this.end += 1;
    return this;
  }

  /** The length of `value`, then its bytes. @throws {EncodeError} if there are more than `bytesMax`. */
  bytes(value: Uint8Array, bytesMax: number): this {
    checkLength(value.length, bytesMax);
    return this.counter(value.length).raw(value);
  }

  /**
   * The length of `value` in bytes, then its UTF-8.
   *
   * @throws {EncodeError} if that is more than `bytesMax`, or if `value` has half of a surrogate pair, which UTF-8
   *   cannot say.
   */
  text(value: string, bytesMax: number): this {
    if (ILL_FORMED.test(value)) throw new EncodeError('text with half of a surrogate pair has no UTF-8');
    // No character takes more than three bytes for each of its units: too long a text is refused without a copy.
    if (value.length > bytesMax) checkLength(value.length, bytesMax);
    return this.bytes(encoder.encode(value), bytesMax);
  }

  /** Bytes alone; the reader has to know how many. */
  raw(value: Uint8Array): this {
    this.makeRoom(value.length);
    this.buffer.set(value, this.end);
    this.end += value.length;
    return this;
  }

  /** So many zeros, which may be written over in `written()`. */
  zeros(count: number): this {
    this.makeRoom(count);
    this.buffer.fill(0, this.end, this.end + count);
    this.end += count;
    return this;
  }

  /** Forgets all but the first `length` bytes. @throws {EncodeError} if there are fewer. */
  cut(length: number): this {
    if (!Number.isInteger(length) || length < 0 || length > this.end) {
      throw new EncodeError(`${this.end} bytes cannot be cut to ${length}`);
    }
    this.end = length;
    return this;
  }

  /** All that was written, where it stands: good until more is written. */
  written(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.end);
  }

  /** All that was written, in memory of its own and no more of it than is needed: to be kept. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.end);
  }

  /**
   * All that was written, without a copy: to be sent and forgotten, since it may hold on to more memory than it shows. The
   * writer begins anew in other memory.
   */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.buffer.subarray(0, this.end);
    this.buffer = new Uint8Array(0);
    this.end = 0;
    return taken;
  }

  private makeRoom(count: number): void {
    const needed = this.end + count;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2, COUNTER_BYTES_MAX));
    larger.set(this.buffer.subarray(0, this.end));
    this.buffer = larger;
  }
}

function checkLength(length: number, bytesMax: number): void {
  if (length > bytesMax) throw new EncodeError(`${length} bytes are more than the ${bytesMax} allowed`);
}
