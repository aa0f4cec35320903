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
  type TermRange,
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
  /** Those of the entries after the base; none where the log still begins at index 0, since all segments are there then. */
  readonly termRanges: readonly TermRange[];
  readonly clusterId: Uint8Array | null;
  readonly members: readonly (readonly [NodeId, Incarnation])[];
  /** The last entry before this segment. */
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

/** The log begins behind the snapshot of `base`, which is on disk (R33). */
export interface BaseRecord {
  readonly kind: 'base';
  readonly base: Base;
  /** Do the entries above the base stay? Else the log is empty behind it. */
  readonly isLogKept: boolean;
  /** Of the cluster that the snapshot is of. */
  readonly clusterId: Uint8Array;
}

export type LogRecord =
  | Head
  | { readonly kind: 'hardState'; readonly hardState: HardState }
  /** This entry and all after it are gone; the file keeps their bytes. */
  | BaseRecord
  | { readonly kind: 'truncation'; readonly from: LogIndex }
  | { readonly kind: 'entry'; readonly entry: Entry }
  /** A peer was first met under this incarnation (R28). */
  | { readonly kind: 'member'; readonly id: NodeId; readonly incarnation: Incarnation }
  /** Says nothing but what is on disk before it. */
  | { readonly kind: 'seal' };

/**
 * The place in this list is the byte. New types go to the end. A `head` is as it was before configurations could change,
 * and still is where none has; a `changedHead` is one that tells of them, a `basedHead` one of a log that begins behind a
 * snapshot.
 */
const TYPES = [
  'head',
  'hardState',
  'truncation',
  'entry',
  'member',
  'seal',
  'changedHead',
  'base',
  'basedHead',
] as const;
type RecordType = (typeof TYPES)[number];

/** Far more than the members that any cluster ever has. */
const BOUND_MEMBERS_MAX: number = 2 ** 20;
/** Far more than the changes that any cluster ever makes between two snapshots. */
const CONFIGURATIONS_MAX: number = 2 ** 20;
/** Far more than the terms that any cluster ever has between two snapshots. */
const TERM_RANGES_MAX: number = 2 ** 20;

const ABSENT = 0;
const PRESENT = 1;

export function writeRecord(writer: ByteWriter, record: LogRecord): void {
  writer.byte(TYPES.indexOf(typeOf(record)));
  writeBody(writer, record);
}

function typeOf(record: LogRecord): RecordType {
  if (record.kind !== 'head') return record.kind;
  if (record.base.index > 0) return 'basedHead';
  return hasChanges(record) ? 'changedHead' : 'head';
}

function hasChanges({ base, configurations }: Omit<Head, 'termRanges'>): boolean {
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
    case 'base':
      return writeBaseRecord(writer, record);
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
      return unbased(reader, { ...readHead(reader), configurations: [], termRanges: [] });
    case 'changedHead':
      return unbased(reader, { ...readChangedHead(reader), termRanges: [] });
    case 'basedHead':
      return readBasedHead(reader);
    case 'base':
      return readBaseRecord(reader);
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
  const isBased = head.base.index > 0;
  if (isBased || hasChanges(head)) writeChanges(writer, head);
  if (isBased) writeTermRanges(writer, head.termRanges);
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

function writeTermRanges(writer: ByteWriter, termRanges: readonly TermRange[]): void {
  if (termRanges.length > TERM_RANGES_MAX) {
    throw new EncodeError(`${termRanges.length} ranges of terms are more than ${TERM_RANGES_MAX}`);
  }
  writer.counter(termRanges.length);
  for (const { firstIndex, term: inTerm } of termRanges) writer.counter(firstIndex).counter(inTerm);
}

function readChangedHead(reader: ByteReader): Omit<Head, 'termRanges'> {
  const { offset } = reader;
  const changed = readChanges(reader, readHead(reader));
  if (!hasChanges(changed))
    throw new DecodeError('a head with room for changes that it does not have', offset);
  return changed;
}

function readBasedHead(reader: ByteReader): Head {
  const { offset } = reader;
  const head = readChanges(reader, readHead(reader));
  if (head.base.index === 0)
    throw new DecodeError('a head with room for a base that it does not have', offset);
  const count = reader.counterUpTo(TERM_RANGES_MAX, 'the number of ranges of terms');
  const termRanges: TermRange[] = [];
  while (termRanges.length < count) {
    termRanges.push({ firstIndex: logIndex(reader.counter()), term: term(reader.counter()) });
  }
  return { ...head, termRanges };
}

function unbased(reader: ByteReader, head: Head): Head {
  if (head.base.index === 0) return head;
  throw new DecodeError('a head of a log behind a snapshot that says not enough', reader.offset);
}

function readChanges(
  reader: ByteReader,
  { base, ...head }: Omit<Head, 'configurations' | 'termRanges'>,
): Omit<Head, 'termRanges'> {
  const configurationIndex = logIndex(reader.counter());
  const count = reader.counterUpTo(CONFIGURATIONS_MAX, 'the number of configurations');
  const configurations: IndexedConfiguration[] = [];
  while (configurations.length < count) {
    const index = logIndex(reader.counter());
    configurations.push({ index, configuration: readConfiguration(reader) });
  }
  return { ...head, base: { ...base, configurationIndex }, configurations };
}

/** Of a head that tells of no changes. */
function readHead(reader: ByteReader): Omit<Head, 'configurations' | 'termRanges'> {
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

function writeBaseRecord(writer: ByteWriter, { base, isLogKept, clusterId }: BaseRecord): void {
  writer.counter(base.index).counter(base.term).counter(base.configurationIndex);
  writeConfiguration(writer, base.configuration);
  writer.byte(isLogKept ? PRESENT : ABSENT).raw(clusterId);
}

function readBaseRecord(reader: ByteReader): BaseRecord {
  const index = logIndex(reader.counter());
  const baseTerm = term(reader.counter());
  const configurationIndex = logIndex(reader.counter());
  const configuration = readConfiguration(reader);
  const { offset } = reader;
  const kept = reader.byte();
  if (kept > PRESENT) throw new DecodeError('a log that is neither kept nor emptied', offset);
  const clusterId = reader.raw(CLUSTER_ID_BYTES);
  const base = { index, term: baseTerm, configuration, configurationIndex };
  return { kind: 'base', base, isLogKept: kept === PRESENT, clusterId };
}

function writeMember(writer: ByteWriter, id: NodeId, incarnation: Incarnation): void {
  writeNodeId(writer, id);
  writer.raw(incarnation);
}
