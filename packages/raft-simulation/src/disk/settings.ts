/** How fast a simulated disk is, and how it says that it has failed. */

import type { Range } from '../network/weather.ts';

/** How fast a disk is. */
export interface LogDiskSettings {
  /** How long a sync takes; what comes meanwhile goes together into the next. */
  readonly syncMs: Range;
  /** How long a reading takes, and to open. */
  readonly readMs: Range;
  /** As many entries at the end are handed over when it is opened. */
  readonly tailEntriesMax: number;
}

/** A disk that seldom takes longer than a millisecond. */
export const FAST_DISK: LogDiskSettings = { syncMs: [0.1, 1], readMs: [0.1, 0.5], tailEntriesMax: 1024 };

/** What a storage answers once a sync has failed: the node has to be started again. */
export class SyncFailedError extends Error {
  override readonly name = 'SyncFailedError';
  readonly code = 'SIMULATION_SYNC_FAILED';

  constructor() {
    super('the simulated disk failed to sync');
  }
}
