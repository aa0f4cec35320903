/**
 * The bytes of one write to the log: records, one behind the other. They are written in place, and framed once all are
 * there. One batch is on its way at a time, so that its memory serves the next one too, and not before (R32).
 */

import { ByteWriter } from '@raftkv/codec';
import { writeRecord, type LogRecord } from '../format/log-record.ts';
import { frame, RECORD_HEADER_BYTES, recordBytes } from '../format/record.ts';
import { invariant } from '../invariants.ts';

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
  /** It is being written. */
  private isUnderWay = false;

  /** Bytes of all records, with their frames. */
  get size(): number {
    return this.writer.length;
  }

  get count(): number {
    return this.lengths.length;
  }

  /** What `frame` gave is on disk: the next one begins. */
  clear(): void {
    this.isUnderWay = false;
    if (this.writer.length > KEPT_BYTES) this.writer = new ByteWriter(KEPT_BYTES);
    else this.writer.cut(0);
    this.lengths = [];
  }

  /** @throws {EncodeError} if a part of `record` is longer than it may be; it is not there then. */
  add(record: LogRecord): void {
    invariant(!this.isUnderWay, 'batch-left-alone', () => `of ${this.size} bytes`);
    const { writer } = this;
    const start = writer.length;
    try {
      writeRecord(writer.zeros(RECORD_HEADER_BYTES), record);
    } catch (error) {
      writer.cut(start);
      throw error;
    }
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
    this.isUnderWay = true;
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
