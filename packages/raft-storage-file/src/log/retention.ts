/**
 * What may go: the log is kept from the older of the two newest snapshots on, so that the older one is of use should the
 * newer be damaged. Source: rules R31, R33.
 *
 * Segments go oldest first, each gone from the disk before the next, and only where a later head is on disk that says all
 * that they said. So whatever ends this, the log that is left can be read.
 */

import type { LogIndex } from '@raftkv/core';
import type { FileSystem } from '../files/file-system.ts';
import type { SnapshotStore } from '../snapshots/snapshot-store.ts';
import type { LogImage, Position } from './log-image.ts';
import type { LogReader } from './log-reader.ts';
import { FIRST_RECORD, type Segment } from './segment.ts';

export interface RetentionOptions {
  readonly files: FileSystem;
  readonly directory: string;
  readonly image: LogImage;
  /** Those that were begun, in order; what goes is taken out. */
  readonly segments: Map<number, Segment>;
  readonly snapshots: SnapshotStore;
  readonly reader: LogReader;
  readonly isOnDisk: (position: Position) => boolean;
  /** The snapshot before that of the base; 0: there is none. */
  readonly older: LogIndex;
  /** Something could not be removed; it is tried again later. */
  readonly onError: (error: Error) => void;
}

export class Retention {
  private readonly options: RetentionOptions;
  private named: LogIndex;
  private older: LogIndex;
  private work: Promise<void> = Promise.resolve();

  constructor(options: RetentionOptions) {
    this.options = options;
    this.named = options.image.base.index;
    this.older = options.older;
  }

  /** A write that names the snapshot at `index` is on disk. */
  onBase(index: LogIndex): void {
    this.older = this.named;
    this.named = index;
    this.removeUnneeded();
  }

  /** Begins to remove what nobody needs any more, after what was begun before. */
  removeUnneeded(): void {
    this.work = this.work.then(() => this.removeAll()).catch(this.options.onError);
  }

  /** What was begun has ended. */
  settled(): Promise<void> {
    return this.work;
  }

  private async removeAll(): Promise<void> {
    const { older, named, options } = this;
    await options.snapshots.keepOnly(older, named);
    for (const segment of unneeded(options, older)) {
      options.segments.delete(segment.number);
      // Who reads in it has asked before it was of no use.
      await options.reader.settled();
      await removeSegment(options.files, options.directory, segment);
    }
  }
}

/** Up to the last segment that the log can begin behind, if nothing above `older` ever stood in one of them. */
function unneeded({ image, segments, isOnDisk }: RetentionOptions, older: LogIndex): readonly Segment[] {
  const ordered = [...segments.values()];
  const firstNeeded = ordered.findIndex(({ number }) => image.highestIn(number) > older);
  const canGo = firstNeeded === -1 ? ordered.length - 1 : firstNeeded;
  for (let count = canGo; count > 0; count -= 1) {
    const number = ordered[count]?.number ?? 0;
    if (image.canBeginAt(number) && isOnDisk({ segment: number, offset: FIRST_RECORD })) {
      return ordered.slice(0, count);
    }
  }
  return [];
}

/** Gone from the disk when it resolves. */
export async function removeSegment(
  files: FileSystem,
  directory: string,
  { file }: Pick<Segment, 'file'>,
): Promise<void> {
  await file.close();
  await files.remove(file.path);
  await files.syncDirectory(directory);
}
