/**
 * What a crash of the machine may leave behind the last record of a log: part of a batch whose sync had not returned.
 * Everything that was written before stays, for a process that is killed leaves that to the system. The format is
 * that of docs/durability.md. Source: R30.
 */

import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from './random.ts';

const FILE_HEAD_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ALIGNMENT_BYTES = 8;
/** Of a record's body. */
const BODY_BYTES_MAX = 3000;

/** Where bytes were left that are no record; `null` where there was no room, or something of the kind already. */
export interface Tear {
  readonly file: string;
  readonly offset: number;
}

/** @param directory of a node that does not run. */
export async function tearTail(directory: string, random: Random): Promise<Tear | null> {
  const segments = (await readdir(directory)).filter((name) => name.endsWith('.log')).toSorted();
  for (const name of segments.toReversed()) {
    const file = join(directory, name);
    const handle = await open(file, 'r+');
    try {
      const bytes = await handle.readFile();
      const offset = endOf(bytes);
      // The one after the last may have been made and not begun.
      if (offset === FILE_HEAD_BYTES) continue;
      const torn = tornRecord(random);
      const rest = bytes.subarray(offset);
      if (rest.length < torn.length || rest.some((byte) => byte !== 0)) return null;
      await handle.write(torn, 0, torn.length, offset);
      return { file, offset };
    } finally {
      await handle.close();
    }
  }
  return null;
}

/** Behind the last record, by their lengths alone. */
function endOf(bytes: Buffer): number {
  let at = FILE_HEAD_BYTES;
  while (at + RECORD_HEADER_BYTES <= bytes.length) {
    const length = bytes.readUInt32LE(at + 12);
    if (length === 0) return at;
    at += Math.ceil((RECORD_HEADER_BYTES + length) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  }
  return bytes.length;
}

/** The head of a record, or part of it, with part of the body: the pages that had reached the disk. */
function tornRecord(random: Random): Buffer {
  const body = random.bytes(random.between(1, BODY_BYTES_MAX));
  const head = Buffer.alloc(RECORD_HEADER_BYTES);
  head.writeUInt32LE(random.between(0, 2 ** 32), 0);
  head.writeUInt32LE(random.between(0, 2 ** 32), 4);
  head.writeUInt32LE(FILE_HEAD_BYTES, 8);
  head.writeUInt32LE(body.length, 12);
  const record = Buffer.concat([head, body]);
  return record.subarray(0, random.between(1, record.length));
}
