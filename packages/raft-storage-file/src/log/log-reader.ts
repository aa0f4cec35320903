/** Reads entries back from where they stand. */

import { DecodeError } from '@raftkv/codec';
import { logIndex, type Entry, type LogIndex } from '@raftkv/core';
import { DamagedError } from '../errors.ts';
import { decodeRecord } from '../format/log-record.ts';
import { placeSeed, RECORD_HEADER_BYTES, recordBytes, unframe } from '../format/record.ts';
import { invariant } from '../invariants.ts';
import type { LogImage, Position } from './log-image.ts';
import type { Segment } from './segment.ts';

/** What an entry counts beside its payload: more than it takes here. */
const ENTRY_OVERHEAD_BYTES = 64;

export class LogReader {
  private readonly incarnation: Uint8Array;
  private readonly image: LogImage;
  private readonly segments: ReadonlyMap<number, Segment>;
  /** The image runs ahead of the disk, by what is being written. */
  private readonly isOnDisk: (position: Position) => boolean;
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(
    incarnation: Uint8Array,
    image: LogImage,
    segments: ReadonlyMap<number, Segment>,
    isOnDisk: (position: Position) => boolean,
  ) {
    this.incarnation = incarnation;
    this.image = image;
    this.segments = segments;
    this.isOnDisk = isOnDisk;
  }

  /**
   * Entries from `from` on, up to `through` and the end of a segment, and within `bytesMax` but for the first. None
   * where the log does not have `from` any more, or has another entry there that is not yet on disk.
   *
   * @throws {DamagedError} if what stands there is not the entry that was written.
   */
  async read(from: LogIndex, through: LogIndex, bytesMax: number): Promise<readonly Entry[]> {
    const reading = this.readEntries(from, through, bytesMax);
    this.underWay.add(reading);
    try {
      return await reading;
    } finally {
      this.underWay.delete(reading);
    }
  }

  /** What was being read has ended: a file that nobody will ask for can be closed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  /** The last entries of the log: at least the last one, at most `entriesMax`, and about `bytesMax`. */
  async readTail(entriesMax: number, bytesMax: number): Promise<readonly Entry[]> {
    const last = this.image.lastIndex;
    let from: number = Math.max(this.tailFrom(entriesMax, bytesMax), this.image.firstIndex);
    const entries: Entry[] = [];
    while (from <= last) {
      const read = await this.read(logIndex(from), last, bytesMax);
      invariant(read.length > 0, 'entries-have-positions', () => `entry ${from} of ${last}`);
      entries.push(...read);
      from += read.length;
    }
    return entries;
  }

  private async readEntries(from: LogIndex, through: LogIndex, bytesMax: number): Promise<readonly Entry[]> {
    const first = this.image.positionOf(from);
    const segment = first === null ? undefined : this.segments.get(first.segment);
    if (first === null || segment === undefined || !this.isOnDisk(first)) return [];
    const positions = this.positionsFrom(first, from, through, bytesMax);
    const last = positions.at(-1) ?? first;
    const bytes = await this.readThrough(segment, first.offset, last.offset);
    const entries = positions.map(({ offset }, at) =>
      this.entryAt(segment, bytes, first.offset, offset, from + at),
    );
    return within(entries, bytesMax);
  }

  private tailFrom(entriesMax: number, bytesMax: number): number {
    let from: number = this.image.lastIndex;
    let next = this.image.positionOf(logIndex(from));
    for (let bytes = 0, count = 1; count < entriesMax && next !== null && from > 1; count += 1) {
      const before = this.image.positionOf(logIndex(from - 1));
      if (before?.segment === next.segment) bytes += next.offset - before.offset;
      if (before === null || bytes > bytesMax) break;
      from -= 1;
      next = before;
    }
    return from;
  }

  private positionsFrom(
    first: Position,
    from: LogIndex,
    through: LogIndex,
    bytesMax: number,
  ): readonly Position[] {
    const positions = [first];
    for (let index = from + 1; index <= through; index += 1) {
      const position = this.image.positionOf(logIndex(index));
      if (position === null || position.segment !== first.segment || !this.isOnDisk(position)) break;
      if (position.offset - first.offset > bytesMax) break;
      positions.push(position);
    }
    return positions;
  }

  /** The bytes from `from` to the end of the record at `last`. */
  private async readThrough({ file }: Segment, from: number, last: number): Promise<Buffer> {
    const header = await file.read(last, RECORD_HEADER_BYTES);
    if (header.length < RECORD_HEADER_BYTES) throw new DamagedError(file.path, last, 'the file ends here');
    const length = Math.min(header.readUInt32LE(RECORD_HEADER_BYTES - 4), await file.size());
    return file.read(from, last - from + recordBytes(length));
  }

  private entryAt(
    { file, number }: Segment,
    bytes: Buffer,
    start: number,
    offset: number,
    index: number,
  ): Entry {
    const damaged = (what: string, options?: ErrorOptions) =>
      new DamagedError(file.path, offset, what, options);
    const framed = unframe(bytes, offset - start, { seed: placeSeed(this.incarnation, number), offset });
    if (framed === null) throw damaged(`entry ${index} was written here, and no record fits any more`);
    try {
      const record = decodeRecord(framed.body);
      if (record.kind === 'entry' && record.entry.index === index) return record.entry;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw damaged(error.message, { cause: error });
    }
    throw damaged(`entry ${index} was written here, and another record stands in its place`);
  }
}

/** The first of `entries`, and as many more as stay within `bytesMax`, counted as the core does. */
function within(entries: readonly Entry[], bytesMax: number): readonly Entry[] {
  let bytes = 0;
  const over = entries.findIndex(({ data }, at) => {
    bytes += data.length + ENTRY_OVERHEAD_BYTES;
    return bytes > bytesMax && at > 0;
  });
  return over === -1 ? entries : entries.slice(0, over);
}
