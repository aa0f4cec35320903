/** A disk that works when it is told to: what is written, what is synced, and what a crash leaves. */

import {
  emptyRecord,
  type Base,
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

  /** Begins with `hardState`, and `entries` behind a base, as if they had been written long ago. */
  preset(
    hardState: HardState,
    { index, term }: Pick<Base, 'index' | 'term'>,
    entries: readonly Entry[],
  ): void {
    this.record = recordOf(hardState, { ...this.record.base, index, term }, entries);
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

  /** Is entry (`index`, `term`), which is committed, on disk: by itself, or in the snapshot that the log begins behind? */
  holds(index: number, term: number): boolean {
    const { base, tail } = this.record;
    if (index < base.index) return true;
    return (index === base.index ? base.term : tail[index - base.index - 1]?.term) === term;
  }

  read(from: number, through: number, bytesMax: number): readonly Entry[] {
    const { base, tail } = this.record;
    let bytes = 0;
    return tail.slice(from - base.index - 1, through - base.index).filter(({ data }, at) => {
      bytes += data.length + 64;
      return at === 0 || bytes <= bytesMax;
    });
  }

  /** In the order of a write: hard state, base, truncation, entries (R33). */
  private keep({ hardState, newBase, truncateFrom, entries }: Persist): void {
    const { tail, hardState: before, base } = this.record;
    const above = newBase === null ? tail : newBase.isLogKept ? after(tail, newBase.base.index) : [];
    const kept = truncateFrom === null ? above : above.filter(({ index }) => index < truncateFrom);
    this.record = recordOf(hardState ?? before, newBase?.base ?? base, [...kept, ...entries]);
  }
}

function after(entries: readonly Entry[], base: number): readonly Entry[] {
  return entries.filter(({ index }) => index > base);
}

function recordOf(hardState: HardState, base: Base, tail: readonly Entry[]): DurableRecord {
  const termRanges: TermRange[] = [];
  for (const { index, term } of tail) {
    if (termRanges.at(-1)?.term !== term) termRanges.push({ firstIndex: index, term });
  }
  const configurations = tail.filter((entry) => entry.kind === 'configuration');
  return { hardState, base, termRanges, configurations, tail };
}
