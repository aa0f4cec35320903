/** What of a log is on disk at this moment, for those who check. */

import type { Entry, HardState, LogIndex } from '@raftkv/core';

/** A disk that checks can look at. */
export interface DurableLog {
  /** Rises whenever what is durable changes. */
  readonly version: number;
  /** How often it was emptied: what was acknowledged before that counts for it no more. */
  readonly wipes: number;
  /** Term, vote and commit index, as they are on disk. */
  readonly hardState: HardState;
  /** Of the log on disk; 0 for an empty one. */
  readonly lastIndex: number;
  /** Of the base: up to here a snapshot holds all that there was. */
  readonly baseIndex: number;
  /** `null` where there is none, also at or before the base. */
  entryAt(index: LogIndex): Entry | null;
}
