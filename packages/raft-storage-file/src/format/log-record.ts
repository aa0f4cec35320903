/** What a record of the log can say, and its bytes: the type, then the rest. */

import { ByteReader, ByteWriter, DecodeError, EncodeError } from '@raftkv/codec';
import {
  CLUSTER_ID_BYTES,
  logIndex,
  term,
  type Base,
  type Entry,
  type HardState,
  type IndexedConfiguration,
  type LogIndex,
  type NodeId,
  type Term,
} from '@raftkv/core';
import {
  INCARNATION_BYTES,
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
  /** Those of the entries after the base, in their order (R31). */
  readonly configurations: readonly IndexedConfiguration[];
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

/**
 * The place in this list is the byte. New types go to the end. A `head` is as it was before configurations could change,
 * and still is where none has; a `changedHead` is one that tells of them.
 */
const TYPES = ['head', 'hardState', 'truncation', 'entry', 'member', 'seal', 'changedHead'] as const;
type RecordType = (typeof TYPES)[number];

/** Far more than the members that any cluster ever has. */
const BOUND_MEMBERS_MAX: number = 2 ** 20;
/** Far more than the changes that any cluster ever makes between two snapshots. */
const CONFIGURATIONS_MAX: number = 2 ** 20;

const ABSENT = 0;
const PRESENT = 1;

export function writeRecord(writer: ByteWriter, record: LogRecord): void {
  writer.byte(TYPES.indexOf(typeOf(record)));
  writeBody(writer, record);
}

function typeOf(record: LogRecord): RecordType {
  return record.kind === 'head' && hasChanges(record) ? 'changedHead' : record.kind;
}

function hasChanges({ base, configurations }: Head): boolean {
  return base.configurationIndex > 0 || configurations.length > 0;
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

function readBody(reader: ByteReader, kind: RecordType): LogRecord {
  switch (kind) {
    case 'head':
      return { ...readHead(reader), configurations: [] };
    case 'changedHead':
      return readChangedHead(reader);
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
  if (hasChanges(head)) writeChanges(writer, head);
}

function writeChanges(writer: ByteWriter, { base, configurations }: Head): void {
  if (configurations.length > CONFIGURATIONS_MAX) {
    throw new EncodeError(`${configurations.length} configurations are more than ${CONFIGURATIONS_MAX}`);
  }
  writer.counter(base.configurationIndex).counter(configurations.length);
  for (const { index, configuration } of configurations) {
    writer.counter(index);
    writeConfiguration(writer, configuration);
  }
}

function readChangedHead(reader: ByteReader): Head {
  const { base, ...head } = readHead(reader);
  const { offset } = reader;
  const configurationIndex = logIndex(reader.counter());
  const count = reader.counterUpTo(CONFIGURATIONS_MAX, 'the number of configurations');
  const configurations: IndexedConfiguration[] = [];
  while (configurations.length < count) {
    const index = logIndex(reader.counter());
    configurations.push({ index, configuration: readConfiguration(reader) });
  }
  const changed = { ...head, base: { ...base, configurationIndex }, configurations };
  if (!hasChanges(changed))
    throw new DecodeError('a head with room for changes that it does not have', offset);
  return changed;
}

/** Of a head that tells of no changes. */
function readHead(reader: ByteReader): Omit<Head, 'configurations'> {
  const hardState = readHardState(reader);
  const base = {
    index: logIndex(reader.counter()),
    term: term(reader.counter()),
    configuration: readConfiguration(reader),
    configurationIndex: logIndex(0),
  };
  const clusterId = readClusterId(reader);
  const members: [NodeId, Incarnation][] = [];
  const count = reader.counterUpTo(BOUND_MEMBERS_MAX, 'the number of members met');
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
