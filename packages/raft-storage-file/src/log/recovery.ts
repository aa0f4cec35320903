/**
 * What a log on disk says after any crash, and where its next record goes. Source: rules R29 to R31.
 *
 * The log ends where no record fits. That is a torn tail, and is cut, unless something shows that more was once on disk:
 * a later record that vouches for it, or a later segment, which is begun only after the sync of the last batch before.
 * Then it is damage, and the node must not start.
 */

import { DecodeError } from '@raftkv/codec';
import { DamagedError } from '../errors.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';
import { isBlank } from '../files/blank.ts';
import { checkFileHead, SEGMENT_FILE } from '../format/file-head.ts';
import { decodeRecord, encodeRecord, type Head, type LogRecord } from '../format/log-record.ts';
import {
  ALIGNMENT_BYTES,
  placeSeed,
  RECORD_HEADER_BYTES,
  unframe,
  type FramedRecord,
} from '../format/record.ts';
import { segmentName, segmentNumber } from '../format/segment-name.ts';
import { LogImage } from './log-image.ts';
import { removeSegment } from './retention.ts';
import { FIRST_RECORD, writeZeros, type Segment } from './segment.ts';

/** Where the log ends. */
export interface LogEnd {
  readonly segment: Segment;
  /** Where the next record goes. */
  readonly offset: number;
  /** Of the last record. */
  readonly checksum: number;
  /** Is the last record one that vouches for all before it, and for nothing else? */
  readonly isSealed: boolean;
}

export interface RecoveredLog {
  readonly image: LogImage;
  /** Those with records, in order. */
  readonly segments: readonly Segment[];
  /** `null` while the log has no record at all. */
  readonly end: LogEnd | null;
  /** A segment without records, whole and on disk, for when the last one is full. */
  readonly spare: Segment | null;
  /** What was cut: records of a batch whose sync had not returned. `null` where nothing was. */
  readonly cut: { readonly file: string; readonly offset: number } | null;
}

/** A segment as it was read. */
interface SegmentBytes extends Segment {
  readonly bytes: Buffer;
  readonly seed: number;
}

/**
 * Reads all segments and makes what was read durable: it may have been in the cache alone (R29).
 *
 * @param initial what the log of a new directory begins with.
 * @throws {DamagedError} if bytes that were once on disk are not there.
 * @throws {UnknownFormatError} if a segment is of another version.
 */
export async function recoverLog(
  files: FileSystem,
  directory: string,
  incarnation: Uint8Array,
  initial: Head,
): Promise<RecoveredLog> {
  const numbers = await segmentNumbers(files, directory);
  const used: Segment[] = [];
  const unused: SegmentBytes[] = [];
  const leftOver: SegmentBytes[] = [];
  let image = new LogImage(initial);
  let end: LogEnd | null = null;
  let last: SegmentBytes | null = null;
  for (const number of numbers) {
    const segment = await readSegment(files, directory, number, incarnation);
    const head = headOf(segment);
    if (head === null) {
      unused.push(segment);
      continue;
    }
    checkNothingMissing(head, unused[0], end);
    if (end === null && isLeftOver(segment, head)) {
      leftOver.push(segment);
      continue;
    }
    if (end === null) image = new LogImage(head.record);
    else checkRestated(segment, head.record, image);
    end = readRecords(segment, head, image);
    used.push(segment);
    last = segment;
  }
  checkComplete(directory, numbers, used[0], image);
  if (last !== null && end !== null) checkTorn(last, end.offset);
  for (const segment of unused) checkTorn(segment, FIRST_RECORD);

  const cut = last === null || end === null ? null : await settle(last, end);
  for (const segment of leftOver) await removeSegment(files, directory, segment);
  const spare = await keepFirst(files, directory, unused);
  return { image, segments: used, end, spare, cut };
}

async function segmentNumbers(files: FileSystem, directory: string): Promise<readonly number[]> {
  const names = await files.list(directory);
  const numbers = names.map(segmentNumber).filter((number) => number !== null);
  numbers.sort((one, other) => one - other);
  const first = numbers[0] ?? 1;
  const missing = numbers.findIndex((number, at) => number !== first + at);
  if (missing !== -1 || numbers.length === 0) {
    throw new DamagedError(
      `${directory}/${segmentName(first + Math.max(missing, 0))}`,
      0,
      'the file is missing',
    );
  }
  return numbers;
}

/**
 * Segments are removed oldest first, up to one whose head says all that the log needs of them. Where that was cut short,
 * what is left of those before has no beginning, and no use.
 */
function isLeftOver({ number }: SegmentBytes, { record }: FoundHead): boolean {
  return number > 1 && record.base.index === 0;
}

/** Segments may be gone only if nothing of them is needed (R31). */
function checkComplete(
  directory: string,
  numbers: readonly number[],
  first: Segment | undefined,
  image: LogImage,
): void {
  const number = first?.number ?? numbers[0] ?? 1;
  if (number === 1 || (first !== undefined && image.missing === 0)) return;
  throw new DamagedError(
    `${directory}/${segmentName(number - 1)}`,
    0,
    'the file is missing, and the log needs what was in it',
  );
}

async function readSegment(
  files: FileSystem,
  directory: string,
  number: number,
  incarnation: Uint8Array,
): Promise<SegmentBytes> {
  const file = await files.open(`${directory}/${segmentName(number)}`);
  const size = await file.size();
  const bytes = await file.read(0, size);
  checkFileHead(file.path, bytes, SEGMENT_FILE);
  return { number, file, size, bytes, seed: placeSeed(incarnation, number) };
}

interface FoundHead {
  readonly frame: FramedRecord;
  readonly record: Head;
}

/** The head of a segment that was used; `null` where none fits. */
function headOf({ file, bytes, seed }: SegmentBytes): FoundHead | null {
  const frame = unframe(bytes, FIRST_RECORD, { seed, offset: FIRST_RECORD });
  if (frame === null) return null;
  const record = decode(file, FIRST_RECORD, frame.body);
  if (record.kind !== 'head')
    throw new DamagedError(file.path, FIRST_RECORD, 'it does not begin with a head');
  return { frame, record };
}

/** A segment is begun after the last record of the one before is on disk, and carries its checksum. */
function checkNothingMissing(
  { frame }: FoundHead,
  unused: SegmentBytes | undefined,
  end: LogEnd | null,
): void {
  if (unused !== undefined) {
    throw new DamagedError(
      unused.file.path,
      FIRST_RECORD,
      'it holds no head, though the segment after it does',
    );
  }
  if (end !== null && frame.previous !== end.checksum) {
    throw new DamagedError(
      end.segment.file.path,
      end.offset,
      'no record fits here, though the next segment was begun after one',
    );
  }
}

function checkRestated({ file }: SegmentBytes, head: Head, image: LogImage): void {
  const [found, expected] = [encodeRecord(head), encodeRecord(image.head())];
  if (Buffer.compare(found, expected) !== 0) {
    throw new DamagedError(
      file.path,
      FIRST_RECORD,
      'its head says something else than the segments before it',
    );
  }
}

/** Takes over all records after the head, up to the first place where none fits. */
function readRecords(segment: SegmentBytes, head: FoundHead, image: LogImage): LogEnd {
  const { file, bytes, seed, number } = segment;
  let { checksum, end: offset } = head.frame;
  let isSealed = false;
  for (;;) {
    const frame = unframe(bytes, offset, { seed, offset });
    if (frame === null || frame.previous !== checksum) return { segment, offset, checksum, isSealed };
    const record = decode(file, offset, frame.body);
    const objection = image.objection(record);
    if (objection !== null) throw new DamagedError(file.path, offset, objection);
    image.apply(record, { segment: number, offset });
    isSealed = record.kind === 'seal';
    ({ checksum, end: offset } = frame);
  }
}

/** A record that fits and says something impossible was written so, or made to fit. */
function decode(file: OpenFile, offset: number, body: Uint8Array): LogRecord {
  try {
    return decodeRecord(body);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new DamagedError(file.path, offset, error.message, { cause: error });
  }
}

/** @throws {DamagedError} if a record behind `offset`, where none fits, shows that one was on disk there. */
function checkTorn({ file, bytes, seed }: SegmentBytes, offset: number): void {
  for (let at = offset + ALIGNMENT_BYTES; at + RECORD_HEADER_BYTES <= bytes.length; at += ALIGNMENT_BYTES) {
    // Nearly all candidates end here: most are zeros.
    if (bytes.readUInt32LE(at + 8) <= offset) continue;
    if (unframe(bytes, at, { seed, offset: at }) === null) continue;
    const what = `no record fits here, though the one at byte ${at} was written when it was on disk`;
    throw new DamagedError(file.path, offset, what);
  }
}

/** Writes the records again where they stand, zeros behind them, and syncs both (R29, R30). */
async function settle({ file, bytes, size }: SegmentBytes, { offset }: LogEnd): Promise<RecoveredLog['cut']> {
  await file.write(bytes.subarray(FIRST_RECORD, offset), FIRST_RECORD);
  await writeZeros(file, offset, size);
  await file.sync();
  return isBlank(bytes.subarray(offset)) ? null : { file: file.path, offset };
}

/** Of segments without records the first may be used later, without what a torn batch left in it; the rest go. */
async function keepFirst(
  files: FileSystem,
  directory: string,
  unused: readonly SegmentBytes[],
): Promise<Segment | null> {
  const [first, ...rest] = unused;
  if (first !== undefined && !isBlank(first.bytes.subarray(FIRST_RECORD))) {
    await writeZeros(first.file, FIRST_RECORD, first.size);
    await first.file.sync();
  }
  for (const { file } of rest) {
    await file.close();
    await files.remove(file.path);
  }
  await files.syncDirectory(directory);
  return first === undefined ? null : { number: first.number, file: first.file, size: first.size };
}
