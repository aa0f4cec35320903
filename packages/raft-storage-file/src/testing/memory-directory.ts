/** The names of files: as every process sees them, and as a power cut finds them. */

import { chanceOf, draw, type Chance } from './chance.ts';
import type { MemoryDisk, Unsynced } from './memory-disk.ts';

type Names = Map<string, MemoryDisk>;
type Change = (names: Names) => void;

export class MemoryDirectory {
  readonly visible: Names = new Map();
  private durable: Names = new Map();
  private unsynced: Change[] = [];
  private readonly chance: Chance;

  constructor(seed: number) {
    this.chance = chanceOf(seed);
  }

  link(path: string, disk: MemoryDisk): void {
    this.change((names) => names.set(path, disk));
  }

  unlink(path: string): void {
    this.change((names) => names.delete(path));
  }

  /** All at once, also for a power cut. */
  rename(from: string, to: string): void {
    const disk = this.visible.get(from);
    if (disk === undefined) throw new Error(`no such file: ${from}`);
    this.change((names) => {
      names.delete(from);
      names.set(to, disk);
    });
  }

  sync(): void {
    this.durable = new Map(this.visible);
    this.unsynced = [];
  }

  /** On the disk too, and at once. */
  replace(path: string, disk: MemoryDisk): void {
    this.visible.set(path, disk);
    this.durable.set(path, disk);
  }

  cutPower(unsynced: Unsynced): void {
    for (const change of this.kept(unsynced)) change(this.durable);
    this.unsynced = [];
    this.visible.clear();
    for (const [path, disk] of this.durable) {
      disk.cutPower(unsynced, this.chance);
      this.visible.set(path, disk);
    }
  }

  private change(change: Change): void {
    change(this.visible);
    this.unsynced.push(change);
  }

  private kept(unsynced: Unsynced): readonly Change[] {
    switch (unsynced) {
      case 'lost':
        return [];
      case 'kept':
        return this.unsynced;
      case 'torn':
        return this.unsynced.slice(0, Math.floor(draw(this.chance) * (this.unsynced.length + 1)));
      case 'reordered':
        return this.unsynced.filter(() => draw(this.chance) < 0.5);
    }
  }
}
