/**
 * The unit of the log on disk: one record, which shows by itself that it is whole, that it belongs where it stands, and
 * what was on disk before it. Source: rules R29, R30; docs/durability.md has the table.
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | CRC-32 of all that follows, up to the end of the body, begun from the place of the record |
 * | 4 | the checksum of the record before it |
 * | 4 | vouched: the offset before which the whole segment was on disk when this was written |
 * | 4 | the length of the body |
 * | length | the body: a byte for the type, then what the type says |
 * | 0 to 7 | zeros, up to the next multiple of eight |
 */

import { crc32 } from 'node:zlib';

export const RECORD_HEADER_BYTES = 16;
/** Records start at multiples of this. */
export const ALIGNMENT_BYTES = 8;

/** Where a record may stand: the same bytes elsewhere do not fit. */
export interface Place {
  /** From `placeSeed`, for this directory and segment. */
  readonly seed: number;
  readonly offset: number;
}

export interface FramedRecord {
  readonly checksum: number;
  readonly previous: number;
  readonly vouched: number;
  readonly body: Uint8Array;
  /** Where the next record starts. */
  readonly end: number;
}

/** What makes records of one segment of one directory its own. */
export function placeSeed(incarnation: Uint8Array, segment: number): number {
  const number = new DataView(new ArrayBuffer(4));
  number.setUint32(0, segment, true);
  return crc32(new Uint8Array(number.buffer), crc32(incarnation));
}

export function recordBytes(bodyLength: number): number {
  return Math.ceil((RECORD_HEADER_BYTES + bodyLength) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/** Puts the header of a record at `at` of `target`, behind which its body stands already, and gives its checksum. */
export function frame(
  target: Buffer,
  at: number,
  bodyLength: number,
  place: Place,
  previous: number,
  vouched: number,
): number {
  target.writeUInt32LE(previous, at + 4);
  target.writeUInt32LE(vouched, at + 8);
  target.writeUInt32LE(bodyLength, at + 12);
  const checksum = checksumAt(target, at, bodyLength, place);
  target.writeUInt32LE(checksum, at);
  return checksum;
}

/**
 * The record at `at` of `bytes`, or `null` where none fits its place. The body is a view; `end` counts in `bytes`, as
 * `at` does.
 */
export function unframe(bytes: Buffer, at: number, { seed, offset }: Place): FramedRecord | null {
  if (at + RECORD_HEADER_BYTES > bytes.length) return null;
  const length = bytes.readUInt32LE(at + 12);
  const bodyEnd = at + RECORD_HEADER_BYTES + length;
  if (length === 0 || bodyEnd > bytes.length) return null;
  const vouched = bytes.readUInt32LE(at + 8);
  // What is not even possible needs no checksum, which over many candidates would be slow.
  if (vouched > offset || vouched % ALIGNMENT_BYTES !== 0) return null;
  const checksum = bytes.readUInt32LE(at);
  if (checksum !== checksumAt(bytes, at, length, { seed, offset })) return null;
  return {
    checksum,
    previous: bytes.readUInt32LE(at + 4),
    vouched,
    // Not a Buffer: what is read from it goes to users.
    body: new Uint8Array(bytes.buffer, bytes.byteOffset + at + RECORD_HEADER_BYTES, length),
    end: at + recordBytes(length),
  };
}

/** A CRC begun from another value differs for the same bytes, so that the offset need not be among them. */
function checksumAt(bytes: Buffer, at: number, bodyLength: number, { seed, offset }: Place): number {
  const covered = bytes.subarray(at + 4, at + RECORD_HEADER_BYTES + bodyLength);
  return crc32(covered, (seed ^ offset) >>> 0);
}
