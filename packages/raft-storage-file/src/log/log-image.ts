/**
 * What the records of a log add up to: hard state, base, members, the term of every entry, and where each entry stands. The
 * recovery builds it from what it reads, the writer carries it on, and a new segment's head is made from it.
 */

import type {
  Base,
  DurableRecord,
  Entry,
  HardState,
  IndexedConfiguration,
  LogIndex,
  NodeId,
  Term,
  TermRange,
} from '@raftkv/core';
import { CLUSTER_ID_BYTES, logIndex } from '@raftkv/core';
import type { Incarnation } from '@raftkv/runtime';
import type { BaseRecord, Head, LogRecord } from '../format/log-record.ts';

/** Where a record stands. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** Segments of 4 GiB at most: a position is one exact number, which takes eight bytes an entry. */
const SEGMENT_SPAN = 2 ** 32;

export class LogImage {
  private hardState: HardState;
  private currentBase: Base;
  private readonly known: Map<NodeId, Incarnation>;
  private termRanges: TermRange[];
  private configurations: readonly IndexedConfiguration[];
  /** Of each entry from `firstPlaced` on. */
  private positions: number[] = [];
  /** Above the one after the base where segments are gone: what comes later has to say that nobody needs those entries. */
  private firstPlaced: number;
  /** Of the first entry of all, which names the cluster once it is committed (R27), or of the snapshot of the base. */
  private opening: Uint8Array | null;
  /** Of each segment, the highest index that an entry in it ever had. */
  private readonly highest = new Map<number, LogIndex>();
  /** The heads of segments above this one tell of a base, and all that comes after it. */
  private lastUnbased: number;

  constructor(head: Head) {
    this.hardState = head.hardState;
    this.currentBase = head.base;
    this.configurations = head.configurations;
    this.termRanges = [...head.termRanges];
    this.known = new Map(head.members);
    this.opening = head.clusterId;
    this.firstPlaced = head.lastIndex + 1;
    this.lastUnbased = head.base.index > 0 ? 0 : Infinity;
  }

  get base(): Base {
    return this.currentBase;
  }

  /** The first that the log can hold. */
  get firstIndex(): LogIndex {
    return logIndex(this.base.index + 1);
  }

  get lastIndex(): LogIndex {
    return logIndex(this.firstPlaced + this.positions.length - 1);
  }

  get lastTerm(): Term {
    return this.termRanges.at(-1)?.term ?? this.base.term;
  }

  get members(): ReadonlyMap<NodeId, Incarnation> {
    return this.known;
  }

  get clusterId(): Uint8Array | null {
    return this.base.index > 0 || this.hardState.commitIndex > 0 ? this.opening : null;
  }

  /** Entries of the log, from the first one on, that stand in none of the segments that were read. */
  get missing(): number {
    return this.firstPlaced - this.firstIndex;
  }

  /** What a new segment begins with. */
  head(): Head {
    return {
      kind: 'head',
      hardState: this.hardState,
      base: this.base,
      configurations: this.configurations,
      termRanges: this.base.index > 0 ? [...this.termRanges] : [],
      clusterId: this.clusterId,
      members: [...this.known],
      lastIndex: this.lastIndex,
      lastTerm: this.lastTerm,
    };
  }

  /** The record for the core, whose last entries are `tail`. */
  record(tail: readonly Entry[]): DurableRecord {
    const { hardState, base, configurations } = this;
    return { hardState, base, termRanges: [...this.termRanges], configurations, tail };
  }

  /** Where entry `index` stands, or `null` where the log has none. */
  positionOf(index: LogIndex): Position | null {
    const position = index < this.firstIndex ? undefined : this.positions[index - this.firstPlaced];
    if (position === undefined) return null;
    return { segment: Math.floor(position / SEGMENT_SPAN), offset: position % SEGMENT_SPAN };
  }

  /** The highest index that an entry in `segment` ever had; 0 where there was none. */
  highestIn(segment: number): LogIndex {
    return this.highest.get(segment) ?? logIndex(0);
  }

  /** Does the head of `segment` say all that the log after it rests on, so that those before can go (R31)? */
  canBeginAt(segment: number): boolean {
    return segment > this.lastUnbased;
  }

  /** Why `record` cannot follow what came before, or `null` if it can (R31). */
  objection(record: LogRecord): string | null {
    switch (record.kind) {
      case 'hardState':
        return this.objectionToHardState(record.hardState);
      case 'base':
        return this.objectionToBase(record);
      case 'truncation':
        return this.objectionToTruncation(record.from);
      case 'entry':
        return this.objectionToEntry(record.entry);
      case 'head':
        return 'a head stands where the segment has one already';
      case 'member':
      case 'seal':
        return null;
    }
  }

  /** Takes over what `record`, standing at `position`, says; it was found to have no objection. */
  apply(record: LogRecord, { segment, offset }: Position): void {
    switch (record.kind) {
      case 'hardState':
        this.hardState = record.hardState;
        return;
      case 'base':
        this.begin(record, segment);
        return;
      case 'truncation':
        this.truncate(record.from);
        return;
      case 'entry':
        this.append(record.entry, segment, offset);
        return;
      case 'member':
        this.known.set(record.id, record.incarnation);
        return;
      case 'head':
      case 'seal':
        return;
      default:
        record satisfies never;
    }
  }

  private objectionToHardState({ currentTerm, commitIndex }: HardState): string | null {
    if (currentTerm < this.hardState.currentTerm) {
      return `term ${currentTerm} follows term ${this.hardState.currentTerm}`;
    }
    return commitIndex > this.lastIndex
      ? `commit ${commitIndex} is above the last entry, ${this.lastIndex}`
      : null;
  }

  private objectionToBase({ base: { index, term }, isLogKept }: BaseRecord): string | null {
    if (index <= this.base.index) return `a base at ${index} follows one at ${this.base.index}`;
    const { currentTerm, commitIndex } = this.hardState;
    if (term > currentTerm) return `a base of term ${term} is above the current term, ${currentTerm}`;
    if (!isLogKept) {
      return index < commitIndex ? `a base at ${index} removes what was committed, ${commitIndex}` : null;
    }
    const found = this.termAt(index);
    return found === term
      ? null
      : `the log is kept behind ${index} of term ${term}, and has term ${found} there`;
  }

  private objectionToTruncation(from: LogIndex): string | null {
    if (from > this.lastIndex) return `a truncation at ${from} is above the last entry, ${this.lastIndex}`;
    const committed = Math.max(this.hardState.commitIndex, this.base.index);
    return from <= committed ? `a truncation at ${from} removes what was committed, ${committed}` : null;
  }

  private objectionToEntry({ index, term }: Entry): string | null {
    if (index !== this.lastIndex + 1) return `entry ${index} follows entry ${this.lastIndex}`;
    if (term < this.lastTerm) return `entry ${index} of term ${term} follows term ${this.lastTerm}`;
    const { currentTerm } = this.hardState;
    return term > currentTerm
      ? `entry ${index} is of term ${term}, above the current term ${currentTerm}`
      : null;
  }

  /** `null` where the log has no entry after its base. */
  private termAt(index: LogIndex): Term | null {
    if (index > this.lastIndex) return null;
    return this.termRanges.findLast(({ firstIndex }) => firstIndex <= index)?.term ?? null;
  }

  /** Everything up to the base is in its snapshot; where the log is not kept it goes with it (R33). */
  private begin({ base, isLogKept, clusterId }: BaseRecord, segment: number): void {
    const first = base.index + 1;
    if (isLogKept) {
      const next = this.termAt(logIndex(first));
      const behind = this.termRanges.filter(({ firstIndex }) => firstIndex > first);
      this.termRanges = next === null ? [] : [{ firstIndex: logIndex(first), term: next }, ...behind];
      this.configurations = this.configurations.filter(({ index }) => index > base.index);
      this.positions = this.positions.slice(Math.max(first - this.firstPlaced, 0));
      this.firstPlaced = Math.max(first, this.firstPlaced);
    } else {
      this.termRanges = [];
      this.configurations = [];
      this.positions = [];
      this.firstPlaced = first;
    }
    this.currentBase = base;
    this.opening = clusterId;
    this.lastUnbased = Math.min(this.lastUnbased, segment);
  }

  private truncate(from: LogIndex): void {
    this.positions.length = Math.max(from - this.firstPlaced, 0);
    this.firstPlaced = Math.min(from, this.firstPlaced);
    this.termRanges = this.termRanges.filter((range) => range.firstIndex < from);
    this.configurations = this.configurations.filter(({ index }) => index < from);
    if (from === 1) this.opening = null;
  }

  private append(entry: Entry, segment: number, offset: number): void {
    const { index, term, kind, data } = entry;
    if (entry.kind === 'configuration') {
      this.configurations = [...this.configurations, { index, configuration: entry.configuration }];
    }
    this.positions.push(segment * SEGMENT_SPAN + offset);
    if (this.termRanges.at(-1)?.term !== term) this.termRanges.push({ firstIndex: index, term });
    if (index > this.highestIn(segment)) this.highest.set(segment, index);
    // Copied: it is kept for good, and a part of what a whole segment was read into.
    if (index === 1 && kind === 'no-op' && data.length === CLUSTER_ID_BYTES)
      this.opening = new Uint8Array(data);
  }
}
