/** A change of one key. Source: the data model follows etcd's v3. */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from './limits.ts';

/** What has to be true of the key, or nothing changes. */
export type Condition =
  | { readonly kind: 'none' }
  /** The last change of the key has this revision; 0 stands for a key that is absent. */
  | { readonly kind: 'revision'; readonly revision: number };

/** A change of one key, if its condition holds. */
export type Operation =
  | {
      readonly kind: 'put';
      readonly key: Uint8Array;
      readonly value: Uint8Array;
      readonly condition: Condition;
    }
  | { readonly kind: 'delete'; readonly key: Uint8Array; readonly condition: Condition };

/** Always holds. */
export const NO_CONDITION: Condition = { kind: 'none' };

const PUT = 0;
const DELETE = 1;
const UNCONDITIONAL = 0;
const IF_REVISION = 1;

/** @throws {EncodeError} if the key is empty, or key or value are longer than the limits allow. */
export function writeOperation(writer: ByteWriter, operation: Operation): void {
  writer.byte(operation.kind === 'put' ? PUT : DELETE);
  writeKey(writer, operation.key);
  writeCondition(writer, operation.condition);
  if (operation.kind === 'put') writer.bytes(operation.value, VALUE_BYTES_MAX);
}

/**
 * Key and value are parts of the bytes that are read, for both who read operations are done with them at once: a node
 * copies them into its log, a state machine into its store.
 *
 * @throws {DecodeError}
 */
export function readOperation(reader: ByteReader): Operation {
  const { offset } = reader;
  const kind = reader.byte();
  if (kind !== PUT && kind !== DELETE) throw new DecodeError('an unknown kind of operation', offset);
  const key = checkedKey(reader, reader.view(KEY_BYTES_MAX));
  const condition = readCondition(reader);
  if (kind === DELETE) return { kind: 'delete', key, condition };
  return { kind: 'put', key, value: reader.view(VALUE_BYTES_MAX), condition };
}

/** @throws {EncodeError} if the key is empty or too long. */
export function writeKey(writer: ByteWriter, key: Uint8Array): void {
  if (key.length === 0) throw new EncodeError('a key must not be empty');
  writer.bytes(key, KEY_BYTES_MAX);
}

/** Copied: who reads a key alone waits with it. @throws {DecodeError} */
export function readKey(reader: ByteReader): Uint8Array {
  return checkedKey(reader, reader.bytes(KEY_BYTES_MAX));
}

function checkedKey(reader: ByteReader, key: Uint8Array): Uint8Array {
  if (key.length === 0) throw new DecodeError('an empty key', reader.offset);
  return key;
}

function writeCondition(writer: ByteWriter, condition: Condition): void {
  if (condition.kind === 'none') writer.byte(UNCONDITIONAL);
  else writer.byte(IF_REVISION).counter(condition.revision);
}

function readCondition(reader: ByteReader): Condition {
  const { offset } = reader;
  switch (reader.byte()) {
    case UNCONDITIONAL:
      return NO_CONDITION;
    case IF_REVISION:
      return { kind: 'revision', revision: reader.counter() };
    default:
      throw new DecodeError('an unknown kind of condition', offset);
  }
}
