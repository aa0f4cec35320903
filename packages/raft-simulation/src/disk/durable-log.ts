/** What of a log is on disk at this moment, for those who check. */

import type { Base, Entry, HardState, LogIndex } from '@raftkv/core';

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
  /** Up to it, a snapshot holds all that there was. */
  readonly base: Pick<Base, 'index' | 'configuration'>;
  /** `null` where there is none, also at or before the base. */
  entryAt(index: LogIndex): Entry | null;
}
