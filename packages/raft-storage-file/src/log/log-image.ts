/**
 * What the records of a log add up to: hard state, members, the term of every entry, and where each entry stands. The
 * recovery builds it from what it reads, the writer carries it on, and a new segment's head is made from it.
 */

import type {
  DurableRecord,
  Entry,
  HardState,
  IndexedConfiguration,
  LogIndex,
  NodeId,
  Term,
  TermRange,
} from '@raftkv/core';
import { logIndex } from '@raftkv/core';
import type { Incarnation } from '@raftkv/runtime';
import type { Head, LogRecord } from '../format/log-record.ts';

/** Where a record stands. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

/** Segments of 4 GiB at most: a position is one exact number, which takes eight bytes an entry. */
const SEGMENT_SPAN = 2 ** 32;

export class LogImage {
  private hardState: HardState;
  private readonly base: Head['base'];
  private readonly known: Map<NodeId, Incarnation>;
  private termRanges: TermRange[] = [];
  private configurations: readonly IndexedConfiguration[];
  /** Of each entry after the base. */
  private positions: number[] = [];
  /** Of the first entry of all, which names the cluster once it is committed (R27). */
  private opening: Uint8Array | null;

  constructor(head: Head) {
    this.hardState = head.hardState;
    this.base = head.base;
    this.configurations = head.configurations;
    this.known = new Map(head.members);
    this.opening = head.clusterId;
  }

  get lastIndex(): LogIndex {
    return logIndex(this.base.index + this.positions.length);
  }

  get lastTerm(): Term {
    return this.termRanges.at(-1)?.term ?? this.base.term;
  }

  get members(): ReadonlyMap<NodeId, Incarnation> {
    return this.known;
  }

  get clusterId(): Uint8Array | null {
    return this.hardState.commitIndex > 0 ? this.opening : null;
  }

  /** What a new segment begins with. */
  head(): Head {
    return {
      kind: 'head',
      hardState: this.hardState,
      base: this.base,
      configurations: this.configurations,
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
    const position = this.positions[index - this.base.index - 1];
    if (position === undefined) return null;
    return { segment: Math.floor(position / SEGMENT_SPAN), offset: position % SEGMENT_SPAN };
  }

  /** Why `record` cannot follow what came before, or `null` if it can (R31). */
  objection(record: LogRecord): string | null {
    switch (record.kind) {
      case 'hardState':
        return this.objectionToHardState(record.hardState);
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
      case 'truncation':
        this.truncate(record.from);
        return;
      case 'entry':
        this.append(record.entry, segment * SEGMENT_SPAN + offset);
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

  private objectionToTruncation(from: LogIndex): string | null {
    if (from > this.lastIndex) return `a truncation at ${from} is above the last entry, ${this.lastIndex}`;
    const { commitIndex } = this.hardState;
    return from <= commitIndex ? `a truncation at ${from} removes what was committed, ${commitIndex}` : null;
  }

  private objectionToEntry({ index, term }: Entry): string | null {
    if (index !== this.lastIndex + 1) return `entry ${index} follows entry ${this.lastIndex}`;
    if (term < this.lastTerm) return `entry ${index} of term ${term} follows term ${this.lastTerm}`;
    const { currentTerm } = this.hardState;
    return term > currentTerm
      ? `entry ${index} is of term ${term}, above the current term ${currentTerm}`
      : null;
  }

  private truncate(from: LogIndex): void {
    this.positions.length = from - this.base.index - 1;
    this.termRanges = this.termRanges.filter((range) => range.firstIndex < from);
    this.configurations = this.configurations.filter(({ index }) => index < from);
    if (from === 1) this.opening = null;
  }

  private append(entry: Entry, position: number): void {
    const { index, term, kind, data } = entry;
    if (entry.kind === 'configuration') {
      this.configurations = [...this.configurations, { index, configuration: entry.configuration }];
    }
    this.positions.push(position);
    if (this.termRanges.at(-1)?.term !== term) this.termRanges.push({ firstIndex: index, term });
    // Copied: it is kept for good, and a part of what a whole segment was read into.
    if (index === 1 && kind === 'no-op') this.opening = new Uint8Array(data);
  }
}
