/** The bytes of an entry, on disk and on the wire. */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { logIndex, term, type DataEntry, type Entry } from '@raftkv/core';

/** The longest payload of an entry: 64 MiB. A host sets a lower limit to what it proposes. */
export const ENTRY_DATA_BYTES_MAX: number = 64 * 1024 * 1024;

/** The place in this list is the byte. New kinds go to the end. */
const KINDS: readonly DataEntry['kind'][] = ['command', 'no-op'];

/**
 * Writes an entry.
 *
 * @throws {EncodeError} if the payload is longer than `ENTRY_DATA_BYTES_MAX`, or the entry carries a configuration.
 */
export function writeEntry(writer: ByteWriter, entry: Entry): void {
  if (entry.kind === 'configuration') throw new EncodeError('a configuration has no bytes in the log yet');
  writer.counter(entry.index).counter(entry.term).byte(KINDS.indexOf(entry.kind));
  writer.bytes(entry.data, ENTRY_DATA_BYTES_MAX);
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
  return { index, term: entryTerm, kind, data: reader.view(ENTRY_DATA_BYTES_MAX) };
}
