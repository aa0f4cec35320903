/**
 * Records as a stream of bytes, and the other way round. In front stand a magic number of 8 bytes and the version of the
 * format in 4; each record is its length in 4 bytes and then its own. Numbers of fixed length have the lowest byte
 * first. Pieces end wherever they are full, and come back split anywhere.
 */

import { ByteReader, ByteWriter, DecodeError } from '@raftkv/codec';
import { SnapshotRefusedError } from './errors.ts';
import { bytesOfLatin1, latin1 } from './latin1.ts';
import { readRecord, RECORD_BYTES_MAX, writeRecord, type SnapshotRecord } from './snapshot-records.ts';

const MAGIC = 'RAFTKVSM';
const FORMAT = 1;
const HEAD_BYTES = 12;
const LENGTH_BYTES = 4;
/** Bytes of a piece (DESIGN §5): what it takes to make one is all that happens between two. */
const PIECE_BYTES_MAX = 64 * 1024;
/** By so much most records are past the end of a piece at most. */
const OVERHANG_BYTES = 1024;

/** The bytes of `records` in whole pieces, the last one apart. Each is made when it is asked for. */
export function* piecesOf(records: Iterable<SnapshotRecord>): Generator<Uint8Array<ArrayBuffer>> {
  const record = new ByteWriter();
  let pending = new ByteWriter(PIECE_BYTES_MAX + OVERHANG_BYTES);
  pending.raw(bytesOfLatin1(MAGIC)).uint32(FORMAT);
  for (const one of records) {
    writeRecord(record.cut(0), one);
    pending.uint32(record.length).raw(record.written());
    if (pending.length < PIECE_BYTES_MAX) continue;

    const full = pending.take();
    let from = 0;
    for (; full.length - from >= PIECE_BYTES_MAX; from += PIECE_BYTES_MAX) {
      yield full.subarray(from, from + PIECE_BYTES_MAX);
    }
    pending = new ByteWriter(PIECE_BYTES_MAX + OVERHANG_BYTES).raw(full.subarray(from));
  }
  if (pending.length > 0) yield pending.finish();
}

/** A record, and where it begins in the stream. */
export interface Placed {
  readonly record: SnapshotRecord;
  readonly offset: number;
}

/** Reads the records of a stream as its pieces come. It holds one record at most, and what that grew from. */
export class RecordReader {
  private piece: Uint8Array = new Uint8Array(0);
  private at = 0;
  /** The beginning of a part that the pieces so far have split. */
  private readonly split = new ByteWriter();
  private part: 'head' | 'length' | 'record' = 'head';
  private partBytes = HEAD_BYTES;
  private offset = 0;

  /**
   * The records that are whole with `piece`, which has to stay as it is until all are read, and before the next is given.
   *
   * @throws {SnapshotRefusedError} at what no machine writes.
   */
  *records(piece: Uint8Array): Generator<Placed> {
    this.piece = piece;
    this.at = 0;
    for (let bytes = this.next(); bytes !== null; bytes = this.next()) {
      const offset = this.offset;
      this.offset += bytes.length;
      if (this.part === 'record') yield { record: decoded(bytes, offset), offset };
      if (this.part === 'head') checkHead(bytes);
      this.expect(this.part === 'length' ? lengthOf(bytes, offset) : null);
    }
  }

  /** @throws {SnapshotRefusedError} if a part was begun. */
  end(): void {
    const isBetween = this.part === 'length' && this.split.length === 0;
    if (!isBetween) throw new SnapshotRefusedError('it ends within a record', this.offset);
  }

  private expect(recordBytes: number | null): void {
    this.part = recordBytes === null ? 'length' : 'record';
    this.partBytes = recordBytes ?? LENGTH_BYTES;
  }

  /** The part that is expected, or `null` where it goes on in the next piece. */
  private next(): Uint8Array | null {
    const from = this.at;
    const missing = this.partBytes - this.split.length;
    this.at = Math.min(from + missing, this.piece.length);
    const found = this.piece.subarray(from, this.at);
    if (this.split.length === 0 && found.length === missing) return found;

    this.split.raw(found);
    return found.length === missing ? this.split.take() : null;
  }
}

function checkHead(bytes: Uint8Array): void {
  if (latin1(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new SnapshotRefusedError(`it does not begin with ${MAGIC}`, 0);
  }
  const format = new ByteReader(bytes.subarray(MAGIC.length)).uint32();
  if (format !== FORMAT) {
    throw new SnapshotRefusedError(
      `it has format version ${format}, this release reads version ${FORMAT}: start the release that wrote it, or a later one`,
      MAGIC.length,
    );
  }
}

function lengthOf(bytes: Uint8Array, offset: number): number {
  const length = new ByteReader(bytes).uint32();
  if (length === 0 || length > RECORD_BYTES_MAX) {
    throw new SnapshotRefusedError(`a record of ${length} bytes`, offset);
  }
  return length;
}

function decoded(bytes: Uint8Array, offset: number): SnapshotRecord {
  try {
    return readRecord(new ByteReader(bytes));
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new SnapshotRefusedError(`in a record, ${cause.message}`, offset, { cause });
  }
}
