/** Disks that faults befall. */

import type { NodeId } from '@raftkv/core';
import type { Disk } from '../process/program.ts';

/** What a disk may be able to do beside crashing. A fault that it cannot do is left out. */
export interface FaultyDisk extends Disk {
  /** Has it something under way? */
  readonly isBusy?: boolean;
  /** How often it was emptied. */
  readonly wipes?: number;
  /** Of the log on it. */
  readonly lastIndex?: number;
  /** Does what is on it tell its node that `peer`, should that one be emptied, is not new? */
  remembers?(peer: NodeId): boolean;
  /** Does what is on it tell its node under which incarnation `peer` is known? */
  knows?(peer: NodeId): boolean;
  /** Nothing is synced for so long. */
  stall?(forMs: number): void;
  /** The next sync fails. */
  failNextSync?(): void;
}
