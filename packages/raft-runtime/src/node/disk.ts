/** What a node asks of its storage, and what it hears of it: a write that failed ends the node (R6). */

import type { Fetch, Input, Persist, WriteNumber } from '@raftkv/core';
import type { LogStorage } from '../ports/log-storage.ts';
import type { Counters } from './metrics.ts';

export interface DiskHost {
  /** Runs what follows an answer of the storage, unless the node has ended. */
  guard(work: () => void): void;
  fail(cause: unknown): void;
  step(input: Input): void;
  /** What waited for `write` and those before may leave. */
  onWritten(write: WriteNumber): void;
}

export class Disk {
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
        this.host.onWritten(batch.write);
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
