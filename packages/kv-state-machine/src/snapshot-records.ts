/**
 * What a snapshot consists of, record by record, and the bytes of each. The first is the `state`; then come the keys by
 * their bytes, the sessions by id, each with the replies that it keeps by sequence, and the `end`. Equal states are equal
 * records in equal bytes, so that two members' snapshots at one index are the same (R34).
 */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import {
  KEY_BYTES_MAX,
  NONCE_BYTES,
  readOutcome,
  VALUE_BYTES_MAX,
  writeOutcome,
  type Outcome,
  type SessionId,
} from '@raftkv/kv-protocol';
import type { EntryText } from './key-store.ts';
import { bytesOfLatin1ForNow, latin1 } from './latin1.ts';
import { LIMITS_MAX, type Limits } from './limits.ts';

/** One record; `kind` says of what. */
export type SnapshotRecord = StateRecord | KeyRecord | SessionRecord | ReplyRecord | EndRecord;

/** All of the state that is one number. */
export interface StateRecord {
  readonly kind: 'state';
  readonly appliedIndex: number;
  readonly machineVersion: number;
  readonly limits: Limits;
  readonly revision: number;
}

export interface KeyRecord {
  readonly kind: 'key';
  readonly entry: EntryText;
}

export interface SessionRecord {
  readonly kind: 'session';
  readonly id: SessionId;
  /** One character a byte. */
  readonly nonce: string;
  readonly mark: number;
}

/** A reply of the session before. */
export interface ReplyRecord {
  readonly kind: 'reply';
  readonly sequence: number;
  readonly outcome: Outcome;
}

/** How many records there were of each kind that may be missing: a stream that was cut has no such end. */
export interface EndRecord {
  readonly kind: 'end';
  readonly keys: number;
  readonly sessions: number;
  readonly replies: number;
}

/** The place in this list is the byte. New ones go to the end, under a format of their own. */
const KINDS: readonly SnapshotRecord['kind'][] = ['state', 'key', 'session', 'reply', 'end'];

/** Bytes of a record: the longest is a key with its value, and some numbers beside them. */
export const RECORD_BYTES_MAX: number = KEY_BYTES_MAX + VALUE_BYTES_MAX + 64;

export function writeRecord(writer: ByteWriter, record: SnapshotRecord): void {
  writer.byte(KINDS.indexOf(record.kind));
  switch (record.kind) {
    case 'state':
      writer.counter(record.appliedIndex).counter(record.machineVersion).counter(record.revision);
      return writeLimits(writer, record.limits);
    case 'key':
      return writeEntry(writer, record.entry);
    case 'session':
      writer.counter(record.id).raw(nonceBytes(record.nonce)).counter(record.mark);
      return;
    case 'reply':
      writer.counter(record.sequence);
      return writeOutcome(writer, record.outcome);
    case 'end':
      writer.counter(record.keys).counter(record.sessions).counter(record.replies);
      return;
    default:
      record satisfies never;
  }
}

/**
 * Reads what `writeRecord` wrote.
 *
 * @throws {DecodeError}
 */
export function readRecord(reader: ByteReader): SnapshotRecord {
  const kind = KINDS[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown kind of record', 0);
  const record = readBody(reader, kind);
  reader.end();
  return record;
}

function readBody(reader: ByteReader, kind: SnapshotRecord['kind']): SnapshotRecord {
  switch (kind) {
    case 'state': {
      const [appliedIndex, machineVersion, revision] = [reader.counter(), reader.counter(), reader.counter()];
      return { kind, appliedIndex, machineVersion, revision, limits: readLimits(reader) };
    }
    case 'key':
      return { kind, entry: readEntry(reader) };
    case 'session':
      return { kind, id: reader.counter(), nonce: latin1(reader.raw(NONCE_BYTES)), mark: reader.counter() };
    case 'reply':
      return { kind, sequence: reader.counter(), outcome: readOutcome(reader) };
    case 'end':
      return { kind, keys: reader.counter(), sessions: reader.counter(), replies: reader.counter() };
  }
}

function writeLimits(writer: ByteWriter, limits: Limits): void {
  writer.counter(limits.sessionsMax).counter(limits.repliesMax);
  writer.counter(limits.replyBytesMax).counter(limits.sequenceWindow);
}

function readLimits(reader: ByteReader): Limits {
  return {
    sessionsMax: reader.counterUpTo(LIMITS_MAX.sessionsMax, 'the limit of sessions'),
    repliesMax: reader.counterUpTo(LIMITS_MAX.repliesMax, 'the limit of replies'),
    replyBytesMax: reader.counterUpTo(LIMITS_MAX.replyBytesMax, 'the limit of the bytes of replies'),
    sequenceWindow: reader.counterUpTo(LIMITS_MAX.sequenceWindow, 'the window of sequences'),
  };
}

function writeEntry(writer: ByteWriter, entry: EntryText): void {
  writer.bytes(bytesOfLatin1ForNow(entry.key), KEY_BYTES_MAX);
  writer.counter(entry.createRevision).counter(entry.modRevision).counter(entry.version);
  writer.bytes(bytesOfLatin1ForNow(entry.value), VALUE_BYTES_MAX);
}

function readEntry(reader: ByteReader): EntryText {
  const key = latin1(reader.view(KEY_BYTES_MAX));
  const [createRevision, modRevision, version] = [reader.counter(), reader.counter(), reader.counter()];
  return { key, createRevision, modRevision, version, value: latin1(reader.view(VALUE_BYTES_MAX)) };
}

function nonceBytes(nonce: string): Uint8Array {
  if (nonce.length !== NONCE_BYTES) throw new EncodeError(`a nonce has ${NONCE_BYTES} bytes`);
  return bytesOfLatin1ForNow(nonce);
}
