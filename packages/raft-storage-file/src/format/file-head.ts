/**
 * The first bytes of every file, kept apart from what follows, so that every release can tell a file that it does not
 * know from a damaged one, and one that was copied in part from a whole one.
 *
 * | bytes | what |
 * | --- | --- |
 * | 8 | the magic number |
 * | 4 | the version of the format |
 * | 4 | the length of the whole file; 0 in a snapshot, which is not known before it was written and has an end of its own |
 * | 4 | CRC-32 of the sixteen before |
 * | 4 | zeros |
 */

import { crc32 } from 'node:zlib';
import { DamagedError, UnknownFormatError } from '../errors.ts';

export const FILE_HEAD_BYTES = 24;
const CHECKED_BYTES = 16;

export interface FileKind {
  /** Eight characters of ASCII. */
  readonly magic: string;
  readonly version: number;
}

export const SEGMENT_FILE: FileKind = { magic: 'RAFTKVLG', version: 1 };
export const IDENTITY_FILE: FileKind = { magic: 'RAFTKVID', version: 1 };
export const SNAPSHOT_FILE: FileKind = { magic: 'RAFTKVSN', version: 1 };

export function fileHead({ magic, version }: FileKind, fileBytes: number): Buffer {
  const head = Buffer.alloc(FILE_HEAD_BYTES);
  head.write(magic, 'latin1');
  head.writeUInt32LE(version, 8);
  head.writeUInt32LE(fileBytes, 12);
  head.writeUInt32LE(crc32(head.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return head;
}

/**
 * @param bytes the whole file.
 * @throws {DamagedError} if this is no file of that kind, or not all of it.
 * @throws {UnknownFormatError} if it is one of another version.
 */
export function checkFileHead(file: string, bytes: Buffer, kind: FileKind): void {
  checkFileKind(file, bytes, kind);
  const fileBytes = bytes.readUInt32LE(12);
  if (fileBytes !== bytes.length) {
    throw new DamagedError(file, bytes.length, `it has ${bytes.length} bytes and was made with ${fileBytes}`);
  }
}

/**
 * @param bytes the beginning of the file.
 * @throws {DamagedError} if this is no file of that kind.
 * @throws {UnknownFormatError} if it is one of another version.
 */
export function checkFileKind(file: string, bytes: Buffer, { magic, version }: FileKind): void {
  if (bytes.length < FILE_HEAD_BYTES) throw new DamagedError(file, 0, `it has only ${bytes.length} bytes`);
  const isIntact = crc32(bytes.subarray(0, CHECKED_BYTES)) === bytes.readUInt32LE(CHECKED_BYTES);
  if (!isIntact || bytes.toString('latin1', 0, 8) !== magic) {
    throw new DamagedError(file, 0, `it does not begin with ${magic}`);
  }
  const found = bytes.readUInt32LE(8);
  if (found !== version) throw new UnknownFormatError(file, found, version);
}
