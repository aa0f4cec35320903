/** What a record of the log can say, and its bytes: the type, then the rest. */

import { ByteReader, ByteWriter, DecodeError } from '@raftkv/codec';
import {
  CLUSTER_ID_BYTES,
  logIndex,
  term,
  type Base,
  type Entry,
  type HardState,
  type LogIndex,
  type NodeId,
  type Term,
} from '@raftkv/core';
import {
  INCARNATION_BYTES,
  MEMBERS_MAX,
  readConfiguration,
  readEntry,
  readHardState,
  readNodeId,
  writeConfiguration,
  writeEntry,
  writeHardState,
  writeNodeId,
  type Incarnation,
} from '@raftkv/runtime';

/** All that the segments before this one say, entries left out: the first record of every segment (R31). */
export interface Head {
  readonly kind: 'head';
  readonly hardState: HardState;
  readonly base: Base;
  readonly clusterId: Uint8Array | null;
  readonly members: readonly (readonly [NodeId, Incarnation])[];
  /** The last entry before this segment. */
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

export type LogRecord =
  | Head
  | { readonly kind: 'hardState'; readonly hardState: HardState }
  /** This entry and all after it are gone; the file keeps their bytes. */
  | { readonly kind: 'truncation'; readonly from: LogIndex }
  | { readonly kind: 'entry'; readonly entry: Entry }
  /** A peer was first met under this incarnation (R28). */
  | { readonly kind: 'member'; readonly id: NodeId; readonly incarnation: Incarnation }
  /** Says nothing but what is on disk before it. */
  | { readonly kind: 'seal' };

/** The place in this list is the byte. New types go to the end. */
const TYPES: readonly LogRecord['kind'][] = ['head', 'hardState', 'truncation', 'entry', 'member', 'seal'];

const ABSENT = 0;
const PRESENT = 1;

export function writeRecord(writer: ByteWriter, record: LogRecord): void {
  writer.byte(TYPES.indexOf(record.kind));
  writeBody(writer, record);
}

export function encodeRecord(record: LogRecord): Uint8Array {
  const writer = new ByteWriter();
  writeRecord(writer, record);
  return writer.finish();
}

/** @throws {DecodeError} if `body` is none of these, or has more behind it. */
export function decodeRecord(body: Uint8Array): LogRecord {
  const reader = new ByteReader(body);
  const kind = TYPES[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown type of record', 0);
  const record = readBody(reader, kind);
  reader.end();
  return record;
}

function writeBody(writer: ByteWriter, record: LogRecord): void {
  switch (record.kind) {
    case 'head':
      return writeHead(writer, record);
    case 'hardState':
      return writeHardState(writer, record.hardState);
    case 'truncation':
      writer.counter(record.from);
      return;
    case 'entry':
      return writeEntry(writer, record.entry);
    case 'member':
      return writeMember(writer, record.id, record.incarnation);
    case 'seal':
      return;
    default:
      record satisfies never;
  }
}

function readBody(reader: ByteReader, kind: LogRecord['kind']): LogRecord {
  switch (kind) {
    case 'head':
      return readHead(reader);
    case 'hardState':
      return { kind, hardState: readHardState(reader) };
    case 'truncation':
      return { kind, from: logIndex(reader.counter()) };
    case 'entry':
      return { kind, entry: readEntry(reader) };
    case 'member':
      return { kind, id: readNodeId(reader), incarnation: reader.raw(INCARNATION_BYTES) };
    case 'seal':
      return { kind };
  }
}

function writeHead(writer: ByteWriter, head: Head): void {
  writeHardState(writer, head.hardState);
  writer.counter(head.base.index).counter(head.base.term);
  writeConfiguration(writer, head.base.configuration);
  if (head.clusterId === null) writer.byte(ABSENT);
  else writer.byte(PRESENT).raw(head.clusterId);
  writer.counter(head.members.length);
  for (const [id, incarnation] of head.members) writeMember(writer, id, incarnation);
  writer.counter(head.lastIndex).counter(head.lastTerm);
}

function readHead(reader: ByteReader): Head {
  const hardState = readHardState(reader);
  const base = {
    index: logIndex(reader.counter()),
    term: term(reader.counter()),
    configuration: readConfiguration(reader),
    // Until snapshots exist, the base is the beginning of the log.
    configurationIndex: logIndex(0),
  };
  const clusterId = readClusterId(reader);
  const members: [NodeId, Incarnation][] = [];
  const count = reader.counterUpTo(MEMBERS_MAX, 'the number of members');
  while (members.length < count) members.push([readNodeId(reader), reader.raw(INCARNATION_BYTES)]);
  const lastIndex = logIndex(reader.counter());
  const lastTerm = term(reader.counter());
  return { kind: 'head', hardState, base, clusterId, members, lastIndex, lastTerm };
}

function readClusterId(reader: ByteReader): Uint8Array | null {
  const { offset } = reader;
  switch (reader.byte()) {
    case ABSENT:
      return null;
    case PRESENT:
      return reader.raw(CLUSTER_ID_BYTES);
    default:
      throw new DecodeError('neither a cluster id nor none', offset);
  }
}

function writeMember(writer: ByteWriter, id: NodeId, incarnation: Incarnation): void {
  writeNodeId(writer, id);
  writer.raw(incarnation);
}
