/** The bytes of an entry, on disk and on the wire. */

import { DecodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { logIndex, term, type Entry, type EntryKind } from '@raftkv/core';
import { readConfiguration, writeConfiguration } from './configuration.ts';

/** The longest payload of an entry: 64 MiB. A host sets a lower limit to what it proposes. */
export const ENTRY_DATA_BYTES_MAX: number = 64 * 1024 * 1024;

/** The place in this list is the byte. New kinds go to the end. */
const KINDS: readonly EntryKind[] = ['command', 'no-op', 'configuration'];

const NO_DATA = new Uint8Array(0);

/**
 * Writes an entry.
 *
 * @throws {EncodeError} if the payload is longer than `ENTRY_DATA_BYTES_MAX`, or the configuration larger than one may be.
 */
export function writeEntry(writer: ByteWriter, entry: Entry): void {
  writer.counter(entry.index).counter(entry.term).byte(KINDS.indexOf(entry.kind));
  if (entry.kind === 'configuration') writeConfiguration(writer, entry.configuration);
  else writer.bytes(entry.data, ENTRY_DATA_BYTES_MAX);
}

/**
 * Reads what `writeEntry` wrote. The payload is a part of what is read: who keeps the entry keeps all of that, and sees
 * to it that it is memory of its own.
 *
 * @throws {DecodeError}
 */
export function readEntry(reader: ByteReader): Entry {
  const index = logIndex(reader.counter());
  const entryTerm = term(reader.counter());
  const { offset } = reader;
  const kind = KINDS[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown kind of entry', offset);
  if (kind === 'configuration') {
    return { index, term: entryTerm, kind, data: NO_DATA, configuration: readConfiguration(reader) };
  }
  return { index, term: entryTerm, kind, data: reader.view(ENTRY_DATA_BYTES_MAX) };
}
