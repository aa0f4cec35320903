/** A disk that takes its time, and what a crash leaves of it. */

import {
  emptyRecord,
  type Base,
  type Configuration,
  type DurableRecord,
  type Entry,
  type NewBase,
  type Persist,
} from '../src/index.ts';
import type { TermRange } from '../src/index.ts';

export class SimulatedDisk {
  syncedWrite = 0;
  private log: readonly Entry[];
  private hardState: DurableRecord['hardState'];
  /** What stands before the first entry of `log`. */
  private base: Base;
  private pending: Persist[] = [];
  private busyUntilMs = 0;

  /** Holds what `record` says, a new cluster of `configuration` unless given. */
  constructor(configuration: Configuration, record = emptyRecord(configuration)) {
    ({ base: this.base, hardState: this.hardState, tail: this.log } = record);
  }

  get isBusy(): boolean {
    return this.pending.length > 0;
  }

  /** Takes a write; says when it will be done. Writes are done in order. */
  accept(write: Persist, nowMs: number, costMs: number): number {
    this.pending.push(write);
    this.busyUntilMs = Math.max(this.busyUntilMs, nowMs) + costMs;
    return this.busyUntilMs;
  }

  /** Writes not yet begun wait until then. */
  stallUntil(atMs: number): void {
    this.busyUntilMs = Math.max(this.busyUntilMs, atMs);
  }

  syncThrough(write: number): void {
    while (this.pending[0] !== undefined && this.pending[0].write <= write)
      this.keep(this.pending.shift()!, Infinity);
    this.syncedWrite = Math.max(this.syncedWrite, write);
  }

  /**
   * Keeps the first `writes` of those under way, and the first `parts` of the next one, whose parts are: hard state,
   * base, truncation, each entry.
   */
  crash(writes: number, parts: number): void {
    for (const write of this.pending.slice(0, writes)) this.keep(write, Infinity);
    const torn = this.pending[writes];
    if (torn !== undefined) this.keep(torn, parts);
    this.pending = [];
    this.syncedWrite = 0;
    this.busyUntilMs = 0;
  }

  get pendingWrites(): number {
    return this.pending.length;
  }

  /** Is the entry `index` of `term` on disk, or in the snapshot of the base? Only what is committed is in that. */
  holds(index: number, term: number | undefined): boolean {
    return index <= this.base.index || this.log[index - this.base.index - 1]?.term === term;
  }

  get baseIndex(): number {
    return this.base.index;
  }

  read(from: number, through: number, bytesMax: number): readonly Entry[] {
    const entries: Entry[] = [];
    let bytes = 0;
    if (from <= this.base.index) return [];
    for (const entry of this.log.slice(from - this.base.index - 1, through - this.base.index)) {
      bytes += entry.data.length + 64;
      if (bytes > bytesMax && entries.length > 0) break;
      entries.push(entry);
    }
    return entries;
  }

  /** What a restart finds, with the last `tailLength` entries. */
  record(tailLength: number): DurableRecord {
    const termRanges: TermRange[] = [];
    for (const { index, term } of this.log) {
      if (termRanges.at(-1)?.term !== term) termRanges.push({ firstIndex: index, term });
    }
    const tail = this.log.slice(Math.max(this.log.length - Math.max(tailLength, 1), 0));
    const configurations = this.log.filter((entry) => entry.kind === 'configuration');
    return { hardState: this.hardState, base: this.base, termRanges, configurations, tail };
  }

  private keep({ hardState, newBase, truncateFrom, entries }: Persist, parts: number): void {
    if (hardState !== null && parts > 0) this.hardState = hardState;
    if (newBase !== null && parts > 1) this.begin(newBase);
    if (truncateFrom !== null && parts > 2) this.log = this.log.slice(0, truncateFrom - this.base.index - 1);
    const kept = entries.slice(0, Math.max(parts - 3, 0));
    if (kept.some((entry, at) => entry.index !== this.base.index + this.log.length + at + 1))
      throw new Error('a gap in the log on disk');
    this.log = [...this.log, ...kept];
  }

  private begin({ base, isLogKept }: NewBase): void {
    if (base.index <= this.base.index) throw new Error('the base on disk goes back');
    if (isLogKept && !this.holdsBase(base)) throw new Error('a log is kept that does not hold its new base');
    this.log = isLogKept ? this.log.slice(base.index - this.base.index) : [];
    this.base = base;
  }

  private holdsBase({ index, term }: Base): boolean {
    return this.log[index - this.base.index - 1]?.term === term;
  }
}
