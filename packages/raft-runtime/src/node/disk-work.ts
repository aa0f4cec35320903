/** What the core asks of the disk, and how it hears that it is done. */

import type { Fetch, Input, Persist, WriteNumber } from '@raftkv/core';
import type { LogStorage } from '../ports/log-storage.ts';
import type { Counters } from './metrics.ts';

export interface DiskHost {
  /** Runs what the storage calls, unless the node has ended; an exception ends the node. */
  guard(work: () => void): void;
  fail(cause: unknown): void;
  step(input: Input): void;
  /** All writes up to `write` are on disk. */
  release(write: WriteNumber): void;
}

export class DiskWork {
  private readonly storage: LogStorage;
  private readonly host: DiskHost;
  private readonly counters: Counters;

  constructor(storage: LogStorage, host: DiskHost, counters: Counters) {
    this.storage = storage;
    this.host = host;
    this.counters = counters;
  }

  write(batch: Persist): void {
    this.counters.writes += 1;
    this.counters.entriesWritten += batch.entries.length;
    this.storage.write(batch, (error) =>
      this.host.guard(() => {
        if (error !== null) return this.host.fail(error);
        this.host.release(batch.write);
        this.host.step({ kind: 'persisted', write: batch.write });
      }),
    );
  }

  fetch({ peer, from, through, bytesMax }: Fetch): void {
    this.counters.fetches += 1;
    this.storage.read(from, through, bytesMax, (error, entries) =>
      this.host.guard(() => {
        if (error !== null) return this.host.fail(error);
        this.host.step({ kind: 'fetched', peer, from, entries });
      }),
    );
  }
}
