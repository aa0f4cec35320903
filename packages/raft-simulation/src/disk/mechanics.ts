/** What outlives the storages of a disk: what is durable, how long a sync takes, and what is kept when it does not end. */

import type { Configuration } from '@raftkv/core';
import { INCARNATION_BYTES, type Incarnation } from '@raftkv/runtime';
import type { Chance } from '../world/chance.ts';
import type { Timeline } from '../world/timeline.ts';
import { LogContent, type DiskSnapshot, type Operation } from './operation.ts';
import type { LogDiskSettings } from './settings.ts';

/** Under way to the disk. */
export interface Pending {
  readonly operation: Operation;
  readonly done: (error: Error | null) => void;
}

/** How many parts of a torn write are left: none in most cases, the hard state, a truncation, some entries. */
const TORN_PARTS = [0, 0, 1, 2, 3, 5];

export class DiskMechanics {
  /** A disk works on while the process is paused. */
  readonly world: Timeline;
  readonly chance: Chance;
  readonly configuration: Configuration;
  readonly settings: LogDiskSettings;
  /** Changed in place. */
  durable: LogContent;
  /** Whole and under their names, by index. */
  readonly snapshots: Map<number, DiskSnapshot> = new Map<number, DiskSnapshot>();
  incarnation: Incarnation;
  /** Rises whenever what is durable changes. */
  version = 0;
  private stalledUntilMs = 0;
  private syncsToFail = 0;

  constructor(world: Timeline, chance: Chance, configuration: Configuration, settings: LogDiskSettings) {
    this.world = world;
    this.chance = chance;
    this.configuration = configuration;
    this.settings = settings;
    this.durable = LogContent.empty(configuration);
    this.incarnation = chance.bytes(INCARNATION_BYTES);
  }

  /** A stall may begin while a sync is under way: it ends so much later. */
  get stalledForMs(): number {
    return Math.max(this.stalledUntilMs - this.world.nowMs, 0);
  }

  stall(forMs: number): void {
    this.stalledUntilMs = Math.max(this.stalledUntilMs, this.world.nowMs + forMs);
  }

  endStall(): void {
    this.stalledUntilMs = 0;
  }

  failNextSync(): void {
    this.syncsToFail += 1;
  }

  /** Does this sync fail? */
  takeFailure(): boolean {
    if (this.syncsToFail === 0) return false;
    this.syncsToFail -= 1;
    return true;
  }

  /** How long the next sync takes, stalls included. */
  syncDelayMs(): number {
    return this.stalledForMs + this.chance.between(...this.settings.syncMs);
  }

  /** How long a reading takes, stalls included: what is read may be another log's by then. */
  readDelayMs(): number {
    return this.stalledForMs + this.chance.between(...this.settings.readMs);
  }

  /** `group` is synced. */
  keepAll(group: readonly Pending[]): void {
    for (const { operation } of group) this.take(operation);
    this.version += 1;
  }

  /** A prefix of `pending` is durable, and perhaps the first parts of the next. */
  keepSome(pending: readonly Pending[]): void {
    const whole = this.chance.below(pending.length + 1);
    this.keepAll(pending.slice(0, whole));
    const torn = pending[whole];
    if (torn !== undefined) this.take(torn.operation, this.chance.pick(TORN_PARTS));
  }

  /** What no base names is gone when the disk is opened, if it is newer than the base. */
  dropUnnamed(): void {
    for (const index of this.snapshots.keys())
      if (index > this.durable.base.index) this.snapshots.delete(index);
  }

  private take(operation: Operation, parts?: number): void {
    const before = this.durable.base.index;
    this.durable.take(operation, this.snapshots, parts);
    if (this.durable.base.index === before) return;
    for (const index of this.snapshots.keys()) if (index < before) this.snapshots.delete(index);
  }

  empty(): void {
    this.durable = LogContent.empty(this.configuration);
    this.snapshots.clear();
    this.incarnation = this.chance.bytes(INCARNATION_BYTES);
    this.version += 1;
  }
}
