/** A log in memory whose disk can be held, lost and broken by the test. */

import type { Configuration, Entry, LogIndex } from '@raftkv/core';
import { MemoryLogStorage, type SnapshotHead, type WriteBatch } from '../../src/index.ts';
import type { World } from './world.ts';

export class TestStorage extends MemoryLogStorage {
  /** Thrown by the next write. */
  writeError: Error | null = null;
  /** Thrown where a snapshot is to be kept. */
  snapshotError: Error | null = null;
  /** Given by the next read. */
  readError: Error | null = null;
  private writtenThrough = 0;
  private readonly disk: HeldDisk;

  constructor(configuration: Configuration, world: World, incarnation: number) {
    const disk = new HeldDisk(world);
    super(configuration, { schedule: disk.schedule, incarnation: new Uint8Array(16).fill(incarnation) });
    this.disk = disk;
  }

  /** From now on nothing is done until `release`. */
  hold(): void {
    this.disk.isHeld = true;
  }

  /** Does what is held; with a number, so many of them, and goes on holding. */
  release(count?: number): void {
    this.disk.release(count);
  }

  /** What is held is lost with the process. */
  lose(): void {
    this.disk.lose();
  }

  override read(
    from: LogIndex,
    through: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): void {
    const { readError } = this;
    super.read(from, through, bytesMax, (error, entries) => done(readError ?? error, entries));
  }

  /** Of the last batch that was written. */
  get lastIndex(): number {
    return this.writtenThrough;
  }

  override async writeSnapshot(head: SnapshotHead, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (this.snapshotError !== null) throw this.snapshotError;
    await super.writeSnapshot(head, content);
  }

  protected override take(batch: WriteBatch): void {
    if (this.writeError !== null) throw this.writeError;
    super.take(batch);
    this.writtenThrough = batch.entries.at(-1)?.index ?? this.writtenThrough;
  }
}

class HeldDisk {
  isHeld = false;
  private held: (() => void)[] = [];
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  readonly schedule = (task: () => void): void => {
    if (this.isHeld) this.held.push(task);
    else this.world.schedule(task);
  };

  release(count = this.held.length): void {
    if (count === this.held.length) this.isHeld = false;
    for (const task of this.held.splice(0, count)) this.world.schedule(task);
  }

  lose(): void {
    this.held = [];
    this.isHeld = false;
  }
}
