/**
 * The bytes of one write to the log: records, one behind the other. They are written in place, and framed once all are
 * there. One batch is on its way at a time, so that its memory serves the next one too.
 */

import { ByteWriter } from '@raftkv/codec';
import { writeRecord, type LogRecord } from '../format/log-record.ts';
import { frame, RECORD_HEADER_BYTES, recordBytes } from '../format/record.ts';

/** Memory to keep; what a longer batch takes is given back. */
const KEPT_BYTES = 256 * 1024;

/** Where a batch goes, and what stands there. */
export interface BatchPlace {
  /** From `placeSeed`. */
  readonly seed: number;
  /** Before which the whole segment is on disk: where the batch begins, and what each of its records vouches for. */
  readonly offset: number;
  /** The checksum of the record before it. */
  readonly previous: number;
}

export class Batch {
  private writer = new ByteWriter(KEPT_BYTES);
  private lengths: number[] = [];

  /** Bytes of all records, with their frames. */
  get size(): number {
    return this.writer.length;
  }

  get count(): number {
    return this.lengths.length;
  }

  /** Makes room for the next one: what `frame` gave has to be on disk. */
  clear(): void {
    if (this.writer.length > KEPT_BYTES) this.writer = new ByteWriter(KEPT_BYTES);
    else this.writer.cut(0);
    this.lengths = [];
  }

  add(record: LogRecord): void {
    const { writer } = this;
    const start = writer.length;
    writeRecord(writer.zeros(RECORD_HEADER_BYTES), record);
    const length = writer.length - start - RECORD_HEADER_BYTES;
    writer.zeros(recordBytes(length) - RECORD_HEADER_BYTES - length);
    this.lengths.push(length);
  }

  /** Takes back the one that was added last. */
  dropLast(): void {
    const length = this.lengths.pop() ?? 0;
    this.writer.cut(this.writer.length - recordBytes(length));
  }

  /** The bytes that `record` would take. */
  measure(record: LogRecord): number {
    const { size } = this;
    this.add(record);
    const bytes = this.size - size;
    this.dropLast();
    return bytes;
  }

  /** All bytes as they belong at `place`, good until `clear`, and the checksum of the last record. */
  frame({ seed, offset, previous }: BatchPlace): { bytes: Buffer; checksum: number } {
    const { buffer, byteOffset, length: size } = this.writer.written();
    const bytes = Buffer.from(buffer, byteOffset, size);
    let checksum = previous;
    let at = 0;
    for (const length of this.lengths) {
      checksum = frame(bytes, at, length, { seed, offset: offset + at }, checksum, offset);
      at += recordBytes(length);
    }
    return { bytes, checksum };
  }
}
