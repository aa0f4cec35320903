/** The name of a node. */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { NAME_BYTES_MAX } from './limits.ts';

/** @throws {EncodeError} if it is empty or too long. */
export function writeName(writer: ByteWriter, name: string): void {
  if (name === '') throw new EncodeError('a name must not be empty');
  writer.text(name, NAME_BYTES_MAX);
}

/** @throws {DecodeError} */
export function readName(reader: ByteReader): string {
  const { offset } = reader;
  const name = readOptionalName(reader);
  if (name === null) throw new DecodeError('an empty name', offset);
  return name;
}

/** A name, or the empty text for none. */
export function writeOptionalName(writer: ByteWriter, name: string | null): void {
  writer.text(name ?? '', NAME_BYTES_MAX);
}

/** @throws {DecodeError} */
export function readOptionalName(reader: ByteReader): string | null {
  const name = reader.text(NAME_BYTES_MAX);
  return name === '' ? null : name;
}
