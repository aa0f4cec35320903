/**
 * A disk that holds the log of one node, takes its time, and at a crash keeps what the contract of `LogStorage` allows:
 * what was synced, and of the rest whole writes and perhaps the first parts of one.
 */

import type { Base, Configuration, Entry, HardState, LogIndex, NodeId } from '@raftkv/core';
import type { LogStorage } from '@raftkv/runtime';
import type { Disk } from '../process/program.ts';
import type { Chance } from '../world/chance.ts';
import type { Timeline } from '../world/timeline.ts';
import { isNamedIn, type DurableLog } from './durable-log.ts';
import { LogDiskStorage } from './log-disk-storage.ts';
import { DiskMechanics } from './mechanics.ts';
import { FAST_DISK, type LogDiskSettings } from './settings.ts';

/** What a disk is made of. */
export interface LogDiskOptions {
  /** The disk works on while its process is paused. */
  readonly world: Timeline;
  /** Of this disk alone. */
  readonly chance: Chance;
  /** Before the first entry. */
  readonly configuration: Configuration;
  /** `FAST_DISK` unless given. */
  readonly settings?: LogDiskSettings;
}

/** The disk of one machine, with the log of its node. */
export class SimulatedLogDisk implements Disk, DurableLog {
  /** How often it was emptied. */
  wipes = 0;
  private readonly mechanics: DiskMechanics;
  private storage: LogDiskStorage | null = null;

  constructor({ world, chance, configuration, settings = FAST_DISK }: LogDiskOptions) {
    this.mechanics = new DiskMechanics(world, chance, configuration, settings);
  }

  /** The storage of one life of the process; `timeline` is that of this life. */
  open(timeline: Timeline): LogStorage {
    this.storage?.abandon();
    this.storage = new LogDiskStorage(this.mechanics, timeline);
    return this.storage;
  }

  /** Has it something under way? */
  get isBusy(): boolean {
    return this.storage?.isBusy ?? false;
  }

  /** Rises whenever what is durable changes. */
  get version(): number {
    return this.mechanics.version;
  }

  /** As it is on disk. */
  get hardState(): HardState {
    return this.mechanics.durable.hardState;
  }

  /** Of the log on disk. */
  get lastIndex(): number {
    return this.mechanics.durable.lastIndex;
  }

  /** What a snapshot on disk stands for. */
  get base(): Base {
    return this.mechanics.durable.base;
  }

  entryAt(index: LogIndex): Entry | null {
    return this.mechanics.durable.entryAt(index);
  }

  /** Has its node met `peer`, or a log from which an emptied one learns that it is not new? */
  remembers(peer: NodeId): boolean {
    return this.lastIndex > 0 || this.mechanics.durable.members.has(peer);
  }

  /** Has its node met `peer`, or does its log name the incarnation of that? */
  knows(peer: NodeId): boolean {
    return this.mechanics.durable.members.has(peer) || isNamedIn(this, peer);
  }

  /** Nothing more is synced for so long. */
  stall(forMs: number): void {
    this.mechanics.stall(forMs);
  }

  /** The next sync fails: what it was to make durable is durable in part, or not at all. */
  failNextSync(): void {
    this.mechanics.failNextSync();
  }

  crash(): void {
    const { storage } = this;
    this.storage = null;
    this.mechanics.endStall();
    if (storage !== null) this.mechanics.keepSome(storage.abandon());
  }

  wipe(): void {
    this.crash();
    this.mechanics.empty();
    this.wipes += 1;
  }
}
