/** A disk that works when it is told to: what is written, what is synced, and what a crash leaves. */

import {
  emptyRecord,
  type Configuration,
  type DurableRecord,
  type Entry,
  type HardState,
  type Persist,
  type TermRange,
} from '@raftkv/core';

/** The disk of one node. */
export class ScenarioDisk {
  /** Its writes wait for `sync`. */
  isStalled = false;
  private record: DurableRecord;
  private pending: readonly Persist[] = [];

  constructor(configuration: Configuration) {
    this.record = emptyRecord(configuration);
  }

  /** Begins with `entries` and `hardState`, as if they had been written long ago. */
  preset(hardState: HardState, entries: readonly Entry[]): void {
    this.record = this.recordWith(hardState, entries);
  }

  /** Is `write` on its way, and not yet on disk? */
  isUnderWay(write: number): boolean {
    return this.pending.some((one) => one.write >= write) && write > 0;
  }

  /** The hard state once all writes under way are done. */
  get handedState(): HardState {
    return this.pending.findLast(({ hardState }) => hardState !== null)?.hardState ?? this.record.hardState;
  }

  accept(write: Persist): void {
    this.pending = [...this.pending, write];
  }

  /** The writes up to `write` are on disk. Says which they are. */
  sync(write: number): readonly Persist[] {
    const done = this.pending.filter((one) => one.write <= write);
    this.pending = this.pending.filter((one) => one.write > write);
    for (const one of done) this.keep(one);
    return done;
  }

  /** The process is gone: of the writes under way the first `kept` are found again. Says how many are lost. */
  crash(kept: number): number {
    const lost = Math.max(this.pending.length - kept, 0);
    for (const one of this.pending.slice(0, kept)) this.keep(one);
    this.pending = [];
    return lost;
  }

  /** What a restart finds. */
  recovered(): DurableRecord {
    return this.record;
  }

  /** The entry on disk at `index`, if there is one. */
  at(index: number): Entry | undefined {
    return this.record.tail[index - 1];
  }

  read(from: number, through: number, bytesMax: number): readonly Entry[] {
    let bytes = 0;
    return this.record.tail.slice(from - 1, through).filter(({ data }, at) => {
      bytes += data.length + 64;
      return at === 0 || bytes <= bytesMax;
    });
  }

  private keep({ hardState, truncateFrom, entries }: Persist): void {
    const { tail, hardState: before } = this.record;
    const kept = truncateFrom === null ? tail : tail.slice(0, truncateFrom - 1);
    this.record = this.recordWith(hardState ?? before, [...kept, ...entries]);
  }

  private recordWith(hardState: HardState, tail: readonly Entry[]): DurableRecord {
    const termRanges: TermRange[] = [];
    for (const { index, term } of tail) {
      if (termRanges.at(-1)?.term !== term) termRanges.push({ firstIndex: index, term });
    }
    const configurations = tail.filter((entry) => entry.kind === 'configuration');
    return { hardState, base: this.record.base, termRanges, configurations, tail };
  }
}
