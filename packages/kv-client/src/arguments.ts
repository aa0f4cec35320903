/** What callers give becomes bytes here, checked and copied: nothing they do later changes what is sent (R42). */

import {
  KEY_BYTES_MAX,
  NO_CONDITION,
  VALUE_BYTES_MAX,
  type Condition,
  type Consistency,
} from '@raftkv/kv-protocol';
import { copyOf, utf8Of } from './copies.ts';
import { InvalidArgumentError, RequestTooLargeError } from './errors.ts';

/** A string stands for its UTF-8. Bytes are copied. */
export type Bytes = string | Uint8Array;

/** At most one of the two. */
export interface ConditionOptions {
  /** Only if the last change of the key has this revision; 0 asks for a key that is absent. */
  readonly ifRevision?: number | undefined;
  /** Only if the key is absent. */
  readonly ifAbsent?: boolean | undefined;
}

const ILL_FORMED = /\p{Surrogate}/u;

/** @throws {InvalidArgumentError | RequestTooLargeError} */
export function keyBytes(key: Bytes): Uint8Array {
  const bytes = bytesOf(key, 'a key', KEY_BYTES_MAX);
  if (bytes.length === 0) throw new InvalidArgumentError('a key has at least one byte');
  return bytes;
}

/** @throws {InvalidArgumentError | RequestTooLargeError} */
export function valueBytes(value: Bytes): Uint8Array {
  return bytesOf(value, 'a value', VALUE_BYTES_MAX);
}

/** @throws {InvalidArgumentError} */
export function conditionOf({ ifRevision, ifAbsent }: ConditionOptions): Condition {
  if (ifRevision === undefined) return ifAbsent === true ? { kind: 'revision', revision: 0 } : NO_CONDITION;
  if (ifAbsent === true) throw new InvalidArgumentError('ifRevision and ifAbsent exclude each other');
  if (!Number.isSafeInteger(ifRevision) || ifRevision < 0) {
    throw new InvalidArgumentError(`ifRevision is ${ifRevision}: revisions are integers from 0`);
  }
  return { kind: 'revision', revision: ifRevision };
}

/** @throws {InvalidArgumentError} */
export function checkedConsistency(consistency: Consistency): Consistency {
  if (consistency === 'linearizable' || consistency === 'serializable') return consistency;
  throw new InvalidArgumentError(`consistency is linearizable or serializable, not ${String(consistency)}`);
}

/** @throws {InvalidArgumentError | RequestTooLargeError} */
export function checkedText(given: unknown, what: string, bytesMax: number): string {
  if (typeof given !== 'string') throw new InvalidArgumentError(`${what} is a string`);
  utf8(given, what, bytesMax);
  return given;
}

function bytesOf(given: unknown, what: string, bytesMax: number): Uint8Array {
  if (typeof given === 'string') return utf8(given, what, bytesMax);
  if (!isUint8Array(given)) {
    throw new InvalidArgumentError(`${what} is a string or a Uint8Array`);
  }
  if (given.length > bytesMax) throw new RequestTooLargeError(what, given.length, bytesMax);
  return copyOf(given);
}

/** Not `instanceof`: a test environment with globals of its own has another `Uint8Array` than Node. */
function isUint8Array(given: unknown): given is Uint8Array {
  return (
    ArrayBuffer.isView(given) && Symbol.toStringTag in given && given[Symbol.toStringTag] === 'Uint8Array'
  );
}

function utf8(text: string, what: string, bytesMax: number): Uint8Array {
  // No unit takes less than a byte: what is too long anyway is not encoded.
  if (text.length > bytesMax) throw new RequestTooLargeError(`${what} (at least)`, text.length, bytesMax);
  // Encoded, each of them would become U+FFFD, and different keys one.
  if (ILL_FORMED.test(text)) {
    throw new InvalidArgumentError(
      `${what} has half of a surrogate pair, which UTF-8 cannot say: give bytes`,
    );
  }
  const bytes = utf8Of(text);
  if (bytes.length > bytesMax) throw new RequestTooLargeError(what, bytes.length, bytesMax);
  return bytes;
}
