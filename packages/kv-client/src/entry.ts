/** What a key holds, as it was when it was read. */

import type { KeyValue } from '@raftkv/kv-protocol';
import { ValueFormatError } from './errors.ts';

// A byte order mark is a character like any other: swallowed, the text would not survive a round trip.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Belongs to whoever got it: nothing else holds its bytes. */
export class Entry {
  /** Its bytes: UTF-8 where it was given as a string. */
  readonly key: Uint8Array;
  /** May be empty. */
  readonly value: Uint8Array;
  /** The revision that created the key. */
  readonly createRevision: number;
  /** The revision of its last change: what `ifRevision` compares. */
  readonly modRevision: number;
  /** Its changes since it was created, from 1. */
  readonly version: number;

  constructor({ key, value, createRevision, modRevision, version }: KeyValue) {
    this.key = key;
    this.value = value;
    this.createRevision = createRevision;
    this.modRevision = modRevision;
    this.version = version;
  }

  /** The value as UTF-8. @throws {ValueFormatError} if it is not that. */
  text(): string {
    try {
      return decoder.decode(this.value);
    } catch (error) {
      throw new ValueFormatError('UTF-8', { cause: error });
    }
  }

  /** The value as JSON. @throws {ValueFormatError} if it is not that. */
  json(): unknown {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new ValueFormatError('JSON', { cause: error });
    }
  }
}
