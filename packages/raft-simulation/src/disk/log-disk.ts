/**
 * A disk that holds the log of one node, takes its time, and at a crash keeps what the contract of `LogStorage` allows:
 * what was synced, and of the rest whole writes and perhaps the first parts of one.
 */

import { type Configuration, type Entry, type HardState, type LogIndex } from '@raftkv/core';
import { INCARNATION_BYTES, type LogStorage } from '@raftkv/runtime';
import type { Disk } from '../process/program.ts';
import type { Chance } from '../world/chance.ts';
import type { Timeline } from '../world/timeline.ts';
import type { DurableLog } from './durable-log.ts';
import { LogDiskStorage } from './log-disk-storage.ts';
import type { DiskMechanics, LogDiskSettings, Pending } from './mechanics.ts';
import { LogContent } from './operation.ts';

export const FAST_DISK: LogDiskSettings = { syncMs: [0.1, 1], readMs: [0.1, 0.5], tailEntriesMax: 1024 };

export interface LogDiskOptions {
  readonly world: Timeline;
  /** Of this disk alone. */
  readonly chance: Chance;
  readonly configuration: Configuration;
  readonly settings?: LogDiskSettings;
}

export class SimulatedLogDisk implements Disk, DurableLog, DiskMechanics {
  settings: LogDiskSettings;
  readonly world: Timeline;
  readonly chance: Chance;
  /** How often it was emptied. */
  wipes = 0;
  /** Rises whenever what is durable changes. */
  version = 0;
  readonly configuration: Configuration;
  private durable: LogContent;
  private incarnation: Uint8Array;
  private storage: LogDiskStorage | null = null;
  private stalledUntilMs = 0;
  private syncsToFail = 0;

  constructor(options: LogDiskOptions) {
    this.world = options.world;
    this.chance = options.chance;
    this.configuration = options.configuration;
    this.settings = options.settings ?? FAST_DISK;
    this.durable = LogContent.empty(options.configuration);
    this.incarnation = this.chance.bytes(INCARNATION_BYTES);
  }

  /** The storage of one life of the process; `timeline` is that of this life. */
  open(timeline: Timeline): LogStorage {
    this.storage?.abandon();
    this.storage = new LogDiskStorage(this, timeline);
    return this.storage;
  }

  get isBusy(): boolean {
    return this.storage?.isBusy ?? false;
  }

  get hardState(): HardState {
    return this.durable.hardState;
  }

  get lastIndex(): number {
    return this.durable.entries.length;
  }

  entryAt(index: LogIndex): Entry | null {
    return this.durable.entries[index - 1] ?? null;
  }

  /** Nothing more is synced for so long. */
  stall(forMs: number): void {
    this.stalledUntilMs = Math.max(this.stalledUntilMs, this.world.nowMs + forMs);
  }

  /** The next sync fails: what it was to make durable is durable in part, or not at all. */
  failNextSync(): void {
    this.syncsToFail += 1;
  }

  crash(): void {
    const { storage } = this;
    this.storage = null;
    this.stalledUntilMs = 0;
    if (storage !== null) this.keepSome(storage.abandon());
  }

  wipe(): void {
    this.crash();
    this.durable = LogContent.empty(this.configuration);
    this.incarnation = this.chance.bytes(INCARNATION_BYTES);
    this.wipes += 1;
    this.version += 1;
  }

  syncDelayMs(): number {
    return Math.max(this.stalledUntilMs - this.world.nowMs, 0) + this.chance.between(...this.settings.syncMs);
  }

  takeFailure(): boolean {
    if (this.syncsToFail === 0) return false;
    this.syncsToFail -= 1;
    return true;
  }

  get stalledForMs(): number {
    return Math.max(this.stalledUntilMs - this.world.nowMs, 0);
  }

  content(): { readonly content: LogContent; readonly incarnation: Uint8Array } {
    return { content: this.durable.copy(), incarnation: this.incarnation };
  }

  keepAll(group: readonly Pending[]): void {
    for (const { operation } of group) this.durable.take(operation);
    this.version += 1;
  }

  keepSome(pending: readonly Pending[]): void {
    const whole = this.chance.below(pending.length + 1);
    this.keepAll(pending.slice(0, whole));
    const torn = pending[whole];
    if (torn !== undefined) this.durable.take(torn.operation, this.chance.pick([0, 0, 1, 2, 3, 5]));
  }
}
