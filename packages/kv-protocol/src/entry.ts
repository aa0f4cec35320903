/** What a key holds. */

import type { ByteReader, ByteWriter } from '@raftkv/codec';
import { VALUE_BYTES_MAX } from './limits.ts';
import { readKey, writeKey } from './operation.ts';

/** A key that is there, with its value and its history in numbers. */
export interface KeyValue {
  /** From one byte to `KEY_BYTES_MAX`. */
  readonly key: Uint8Array;
  /** Up to `VALUE_BYTES_MAX` bytes; may be empty. */
  readonly value: Uint8Array;
  /** The revision that created the key. */
  readonly createRevision: number;
  /** The revision of its last change. */
  readonly modRevision: number;
  /** Its changes since it was created, from 1. */
  readonly version: number;
}

export function writeKeyValue(writer: ByteWriter, entry: KeyValue): void {
  writeKey(writer, entry.key);
  writer.counter(entry.createRevision).counter(entry.modRevision).counter(entry.version);
  writer.bytes(entry.value, VALUE_BYTES_MAX);
}

/** @throws {DecodeError} */
export function readKeyValue(reader: ByteReader): KeyValue {
  const key = readKey(reader);
  const [createRevision, modRevision, version] = [reader.counter(), reader.counter(), reader.counter()];
  return { key, createRevision, modRevision, version, value: reader.bytes(VALUE_BYTES_MAX) };
}
