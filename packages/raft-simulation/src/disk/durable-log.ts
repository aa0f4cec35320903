/** What of a log is on disk at this moment, for those who check. */

import type { Entry, HardState, LogIndex } from '@raftkv/core';

export interface DurableLog {
  /** Rises whenever what is durable changes. */
  readonly version: number;
  /** How often it was emptied: what was acknowledged before that counts for it no more. */
  readonly wipes: number;
  readonly hardState: HardState;
  readonly lastIndex: number;
  /** `null` where there is none. */
  entryAt(index: LogIndex): Entry | null;
}
