/** The disk of one simulated machine, and what befalls it. */

import type { Base, Configuration, Entry, HardState, LogIndex, NodeId } from '@raftkv/core';
import { isNamedIn, type Chance, type Disk, type DurableLog, type Timeline } from '@raftkv/simulation';
import type { FileSystem } from '@raftkv/storage-file';
import { MemoryFiles, systemError, type Operation, type Unsynced } from '@raftkv/storage-file/testing';
import { SlowFiles } from './slow-files.ts';
import { Witness } from './witnessed-log.ts';

/** What a crash takes with it. */
export type CrashKind =
  /** The process alone: what it wrote is in the cache. */
  | 'process'
  /** The machine's power: what was not synced is lost, torn, or kept in another order. */
  | Exclude<Unsynced, 'kept'>;

const CRASHES: readonly CrashKind[] = ['process', 'lost', 'torn', 'reordered'];

/** How often a sync is on disk well before anyone hears of it. */
const EARLY = 0.25;
/** What is being made ends so, and grows; the rest is written where zeros stood before (R32). */
const UNFINISHED = '.tmp';
const SEGMENT = '.log';
/** Before the first record of a segment. */
const FILE_HEAD_BYTES = 24;

/** While nothing befalls it; from and to. */
export interface HealthyTimes {
  readonly syncMs: readonly [number, number];
  readonly readMs: readonly [number, number];
}

export interface SimulatedDiskOptions {
  readonly world: Timeline;
  /** Of this disk alone. */
  readonly chance: Chance;
  /** What its log begins with. */
  readonly configuration: Configuration;
  readonly times: HealthyTimes;
}

export class SimulatedDisk implements Disk, DurableLog {
  private readonly world: Timeline;
  private readonly chance: Chance;
  private readonly times: HealthyTimes;
  private memory: MemoryFiles;
  private stalledUntilMs = 0;
  private slowness = 1;
  private isFull = false;
  private failingSyncs = 0;
  private damages = 0;
  private failures = 0;
  /** What must be on it, whatever befell it. */
  readonly witness: Witness;

  constructor({ world, chance, configuration, times }: SimulatedDiskOptions) {
    this.world = world;
    this.chance = chance;
    this.times = times;
    this.witness = new Witness(configuration);
    this.memory = this.emptyMemory();
  }

  /** Something that was on disk is not there any more: the node must not start, or must stop where it finds that. */
  get isDamaged(): boolean {
    return this.damages > 0;
  }

  get version(): number {
    return this.witness.version;
  }

  get wipes(): number {
    return this.witness.wipes;
  }

  get hardState(): HardState {
    return this.witness.hardState;
  }

  get lastIndex(): number {
    return this.witness.lastIndex;
  }

  get base(): Base {
    return this.witness.base;
  }

  entryAt(index: LogIndex): Entry | null {
    return this.witness.entryAt(index);
  }

  /** Has its node met `peer`, or a log from which an emptied one learns that it is not new? */
  remembers(peer: NodeId): boolean {
    return this.lastIndex > 0 || this.witness.met.has(peer);
  }

  /** Has its node met `peer`, or does its log name the incarnation of that? */
  knows(peer: NodeId): boolean {
    return this.witness.met.has(peer) || isNamedIn(this, peer);
  }

  /** Has it something to write? */
  get isBusy(): boolean {
    return this.witness.isBusy;
  }

  /** Is there something that `damage` can change? */
  get isLongLived(): boolean {
    return this.settledSegments().length > 0;
  }

  /** Has it refused something since the process began? */
  get hasFailed(): boolean {
    return this.failures > 0;
  }

  /** As one process sees them: nothing takes place once `timeline`, which is its own, has ended. */
  filesFor(timeline: Timeline): FileSystem {
    const { chance } = this;
    const { syncMs, readMs } = this.times;
    const laterMs = (healthyMs: number): number =>
      Math.max(0, this.stalledUntilMs - timeline.nowMs) + healthyMs * this.slowness;
    return new SlowFiles(this.memory, timeline, {
      readMs: () => laterMs(chance.between(...readMs)),
      sync: () => {
        const toldMs = laterMs(chance.between(...syncMs));
        return { toldMs, takesEffectMs: chance.chance(EARLY) ? toldMs * chance.next() : toldMs };
      },
    });
  }

  crash(): void {
    this.failures = 0;
    const kind = this.chance.pick(CRASHES);
    if (kind === 'process') this.memory.kill();
    else this.memory.cutPower(kind);
  }

  wipe(): void {
    this.memory.kill();
    this.memory = this.emptyMemory();
    this.damages = 0;
    this.witness.wipe();
  }

  /** Nothing that begins from now on ends within `forMs`. */
  stall(forMs: number): void {
    this.stalledUntilMs = Math.max(this.stalledUntilMs, this.world.nowMs + forMs);
  }

  /** All takes `times` as long; 1 is healthy. */
  slow(times: number): void {
    this.slowness = times;
  }

  /** While it is full no file grows. */
  fill(isFull: boolean): void {
    this.isFull = isFull;
  }

  /** The next sync fails, and what it should have written counts as clean from then on. */
  failNextSync(): void {
    this.failingSyncs += 1;
  }

  /**
   * Changes one bit of what was on disk long ago: of a segment after which two more were begun, so that the first of those is on
   * disk and vouches for it, and the change has to be noticed (R30). Says whether there is such a one.
   */
  damage(): boolean {
    const settled = this.settledSegments();
    if (settled.length === 0) return false;
    const path = this.chance.pick(settled);
    const offset = this.chance.below(this.usedBytes(path));
    const bytes = Buffer.from(this.memory.bytesOf(path));
    bytes[offset] = (bytes[offset] ?? 0) ^ (1 << this.chance.below(8));
    this.memory.overwrite(path, bytes);
    this.damages += 1;
    return true;
  }

  /** Healthy from now on, and with room; what it has lost stays lost. */
  heal(): void {
    this.stalledUntilMs = 0;
    this.slowness = 1;
    this.isFull = false;
    this.failingSyncs = 0;
  }

  private settledSegments(): readonly string[] {
    const used = this.memory.paths.filter((path) => path.endsWith(SEGMENT) && this.usedBytes(path) > 0);
    return used.slice(0, -2);
  }

  /** Up to the last byte that is not 0; 0 where there is nothing behind the head of the file. */
  private usedBytes(path: string): number {
    const bytes = this.memory.bytesOf(path);
    let end = bytes.length;
    while (end > FILE_HEAD_BYTES && bytes[end - 1] === 0) end -= 1;
    return end > FILE_HEAD_BYTES ? end : 0;
  }

  private emptyMemory(): MemoryFiles {
    const memory = new MemoryFiles({ seed: this.chance.below(2 ** 31) });
    memory.intercept = (operation) => this.intercept(operation);
    return memory;
  }

  private intercept({ kind, path }: Operation): Error | null {
    if (kind === 'write' && this.isFull && path.endsWith(UNFINISHED)) {
      this.failures += 1;
      return systemError('ENOSPC', 'no space left on device');
    }
    if (kind === 'sync' && this.failingSyncs > 0) {
      this.failingSyncs -= 1;
      this.failures += 1;
      return systemError('EIO', 'i/o error');
    }
    return null;
  }
}
