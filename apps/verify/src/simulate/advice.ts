/** What becomes of a process that ended by itself. */

import { EmptiedMemberError } from '@raftkv/runtime';
import type { SimulatedHost } from '@raftkv/simulation';
import { DamagedError, StorageFailedError, UnknownFormatError } from '@raftkv/storage-file';
import { BrokenPromise } from './broken-promise.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

/** What an operator would do who knows what befell the disk. Throws where nothing did that explains the failure. */
export function adviceFor(
  failure: Error,
  { id, disk }: SimulatedHost<SimulatedDisk>,
): 'start-again' | 'leave' {
  if (disk.hasFailed && isOfDisk(failure)) return 'start-again';
  // What is damaged, or emptied, says so and stays away (R28, R30).
  const isDamaged = failure instanceof DamagedError || failure instanceof UnknownFormatError;
  if (disk.isDamaged && isDamaged) return 'leave';
  if (disk.wipes > 0 && failure instanceof EmptiedMemberError) return 'leave';
  throw new BrokenPromise('alive', `${id}: ${failure.stack ?? failure.message}`);
}

/** While the log is opened, what the system says comes as it is. */
function isOfDisk(failure: Error): boolean {
  if (failure instanceof StorageFailedError) return true;
  return 'code' in failure && (failure.code === 'EIO' || failure.code === 'ENOSPC');
}
