/** One file of the log, open: filled with zeros to its whole length before it is used, so that no write makes it grow. */

import { FILE_HEAD_BYTES, fileHead, SEGMENT_FILE } from '../format/file-head.ts';
import { segmentName, UNFINISHED } from '../format/segment-name.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';

/** The first record of every segment stands here. */
export const FIRST_RECORD: number = FILE_HEAD_BYTES;

const SLICE_BYTES = 1024 * 1024;
/** Made once: fresh memory for each slice would cost more than the writing of it, and would press the garbage collector. */
const ZEROS = new Uint8Array(SLICE_BYTES);

export interface Segment {
  readonly number: number;
  readonly file: OpenFile;
  readonly size: number;
}

/** A new segment without records, on disk under its name. Zeros are written: a hole could run out of disk later (R32). */
export async function createSegment(
  files: FileSystem,
  directory: string,
  number: number,
  size: number,
): Promise<Segment> {
  const path = `${directory}/${segmentName(number)}`;
  const unfinished = await files.create(path + UNFINISHED);
  await unfinished.write(fileHead(SEGMENT_FILE, size), 0);
  // Slice by slice, so that the log's own syncs do not wait behind the whole file.
  for (let at = FIRST_RECORD; at < size; at += SLICE_BYTES) {
    await writeZeros(unfinished, at, Math.min(at + SLICE_BYTES, size));
    await unfinished.sync();
  }
  await unfinished.close();
  await files.rename(path + UNFINISHED, path);
  await files.syncDirectory(directory);
  return { number, file: await files.open(path), size };
}

/** Zeros from `from` to `to`, not yet on disk. */
export async function writeZeros(file: OpenFile, from: number, to: number): Promise<void> {
  for (let at = from; at < to; at += SLICE_BYTES) {
    await file.write(ZEROS.subarray(0, Math.min(SLICE_BYTES, to - at)), at);
  }
}
