/** What the storage of one life finds under it: the disk that outlives it. */

import type { Configuration } from '@raftkv/core';
import type { Range } from '../network/weather.ts';
import type { Chance } from '../world/chance.ts';
import type { Timeline } from '../world/timeline.ts';
import type { LogContent, Operation } from './operation.ts';

export interface LogDiskSettings {
  /** How long a sync takes; what comes meanwhile goes together into the next. */
  readonly syncMs: Range;
  /** How long a reading takes, and to open. */
  readonly readMs: Range;
  /** As many entries at the end are handed over when it is opened. */
  readonly tailEntriesMax: number;
}

/** What a storage answers once a sync has failed: the node has to be started again. */
export class SyncFailedError extends Error {
  override readonly name = 'SyncFailedError';
  readonly code = 'SIMULATION_SYNC_FAILED';

  constructor() {
    super('the simulated disk failed to sync');
  }
}

/** Under way to the disk. */
export interface Pending {
  readonly operation: Operation;
  readonly done: (error: Error | null) => void;
}

export interface DiskMechanics {
  /** A disk works on while the process is paused. */
  readonly world: Timeline;
  readonly chance: Chance;
  readonly settings: LogDiskSettings;
  /** That before the first entry. */
  readonly configuration: Configuration;
  /** A stall may begin while a sync is under way: it ends so much later. */
  readonly stalledForMs: number;
  /** What a storage begins from; a copy. */
  content(): { readonly content: LogContent; readonly incarnation: Uint8Array };
  /** How long the next sync takes, stalls included. */
  syncDelayMs(): number;
  /** Does this sync fail? */
  takeFailure(): boolean;
  /** `group` is synced. */
  keepAll(group: readonly Pending[]): void;
  /** A prefix of `pending` is durable, and perhaps the first parts of the next. */
  keepSome(pending: readonly Pending[]): void;
}
