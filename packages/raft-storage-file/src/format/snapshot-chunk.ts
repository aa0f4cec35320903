/**
 * The unit of a snapshot on disk. As a record of the log does, it shows by itself that it is whole and that it belongs
 * where it stands; a file is a head, content, and an end that says how much there was. Source: rules R30, R33.
 *
 * | bytes | what |
 * | --- | --- |
 * | 4 | CRC-32 of all that follows, begun from the directory, the snapshot's index and the place of the chunk |
 * | 4 | the length of the body |
 * | length | the body: a byte for the type, then what the type says |
 */

import { crc32 } from 'node:zlib';
import type { LogIndex } from '@raftkv/core';

export const CHUNK_HEADER_BYTES = 8;
/** With the type, before the payload. */
export const CHUNK_OVERHEAD_BYTES: number = CHUNK_HEADER_BYTES + 1;
/** Content of one chunk: what a reader has in memory, and what one damaged bit takes with it. */
export const CONTENT_BYTES_MAX: number = 256 * 1024;

/** The place in this list is the byte. */
const TYPES = ['head', 'content', 'end'] as const;
export type ChunkType = (typeof TYPES)[number];

export interface Chunk {
  readonly type: ChunkType;
  /** A view. */
  readonly payload: Uint8Array;
}

/** What makes chunks of one snapshot of one directory its own. */
export function snapshotSeed(incarnation: Uint8Array, index: LogIndex): number {
  return crc32(eightBytes(index), crc32(incarnation));
}

/** Puts what belongs before a payload in front of it: `target` has room for that, then the payload, and nothing else. */
export function frameChunk(target: Buffer, type: ChunkType, seed: number, offset: number): void {
  target.writeUInt32LE(target.length - CHUNK_HEADER_BYTES, 4);
  target.writeUInt8(TYPES.indexOf(type), CHUNK_HEADER_BYTES);
  target.writeUInt32LE(checksumOf(target, seed, offset), 0);
}

/** The length of the body that the chunk at the beginning of `bytes` claims, or `null` where not even its header is there. */
export function claimedLength(bytes: Buffer): number | null {
  return bytes.length < CHUNK_HEADER_BYTES ? null : bytes.readUInt32LE(4);
}

/** The chunk that `bytes` are from the first to the last, or `null` where none fits there. */
export function unframeChunk(bytes: Buffer, seed: number, offset: number): Chunk | null {
  if (bytes.length < CHUNK_OVERHEAD_BYTES || claimedLength(bytes) !== bytes.length - CHUNK_HEADER_BYTES)
    return null;
  if (bytes.readUInt32LE(0) !== checksumOf(bytes, seed, offset)) return null;
  const type = TYPES[bytes.readUInt8(CHUNK_HEADER_BYTES)];
  if (type === undefined) return null;
  const { buffer, byteOffset, length } = bytes.subarray(CHUNK_OVERHEAD_BYTES);
  // Not a Buffer: what is read from it goes to users.
  return { type, payload: new Uint8Array(buffer, byteOffset, length) };
}

/** The offset is not among the bytes: a CRC begun from another value differs for the same ones. */
function checksumOf(chunk: Buffer, seed: number, offset: number): number {
  return crc32(chunk.subarray(4), crc32(eightBytes(offset), seed));
}

function eightBytes(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(value), true);
  return new Uint8Array(view.buffer);
}
