/** A snapshot is named by its index; a name sorts as its index does. */

import { logIndex, type LogIndex } from '@raftkv/core';
import { UNFINISHED } from './segment-name.ts';

const NAME = /^snapshot-(\d{16})\.snap$/;

export function snapshotName(index: LogIndex): string {
  return `snapshot-${String(index).padStart(16, '0')}.snap`;
}

/** While it is being written, the `nth` that this process writes: several may be of one index. */
export function unfinishedSnapshotName(index: LogIndex, nth: number): string {
  return `${snapshotName(index)}.${nth}${UNFINISHED}`;
}

/** The index of the snapshot with this name, or `null` where it is the name of something else. */
export function snapshotIndex(name: string): LogIndex | null {
  const index = Number(NAME.exec(name)?.[1] ?? NaN);
  return Number.isSafeInteger(index) ? logIndex(index) : null;
}
