/** What a log on a disk consists of, and how one write changes it, whole or torn. */

import {
  emptyRecord,
  InvariantViolation,
  logIndex,
  type Base,
  type Configuration,
  type Entry,
  type HardState,
  type LogIndex,
  type NewBase,
  type NodeId,
} from '@raftkv/core';
import type { Incarnation, SnapshotHead, WriteBatch } from '@raftkv/runtime';

export type Operation =
  | { readonly kind: 'write'; readonly batch: WriteBatch }
  | { readonly kind: 'bind'; readonly peer: NodeId; readonly incarnation: Incarnation };

/** A snapshot on a disk. */
export interface DiskSnapshot {
  readonly head: SnapshotHead;
  readonly pieces: readonly Uint8Array[];
}

/** Changed in place. */
export class LogContent {
  /** The last one. */
  hardState: HardState;
  /** What stands before the first entry. */
  base: Base;
  /** From the one after the base on, without a gap. */
  entries: Entry[];
  /** Of the last snapshot that a write has named; `null` before the first. */
  clusterId: Uint8Array | null = null;
  /** Under which incarnation each peer was met. */
  readonly members: Map<NodeId, Incarnation>;

  private constructor(hardState: HardState, base: Base, entries: readonly Entry[]) {
    this.hardState = hardState;
    this.base = base;
    this.entries = [...entries];
    this.members = new Map();
  }

  /** That of a member that has never run. */
  static empty(configuration: Configuration): LogContent {
    const { hardState, base } = emptyRecord(configuration);
    return new LogContent(hardState, base, []);
  }

  /** Changed apart from this one. */
  copy(): LogContent {
    const copy = new LogContent(this.hardState, this.base, this.entries);
    copy.clusterId = this.clusterId;
    for (const [id, incarnation] of this.members) copy.members.set(id, incarnation);
    return copy;
  }

  /** Of the log; the base's where it has no entries. */
  get lastIndex(): LogIndex {
    return logIndex(this.base.index + this.entries.length);
  }

  /** `null` where there is none. */
  entryAt(index: number): Entry | null {
    return this.entries[index - this.base.index - 1] ?? null;
  }

  /** Those of `from` to `through` that there are, without a gap: none where the first is gone. */
  between(from: number, through: number): readonly Entry[] {
    const first = this.base.index + 1;
    return from < first ? [] : this.entries.slice(from - first, Math.max(through - first + 1, 0));
  }

  /**
   * The first `parts` of `operation`: hard state, base where it is new, truncation, each entry. `snapshots` has those that
   * a base may name.
   *
   * @throws {InvariantViolation} at a gap in the log, and where a base names no snapshot.
   */
  take(operation: Operation, snapshots: ReadonlyMap<number, DiskSnapshot>, parts: number = Infinity): void {
    if (parts < 1) return;
    if (operation.kind === 'bind') {
      this.members.set(operation.peer, operation.incarnation);
      return;
    }
    const { hardState, newBase, truncateFrom, entries } = operation.batch;
    let left = parts - 1;
    if (hardState !== null) this.hardState = hardState;
    if (newBase !== null) {
      if (left < 1) return;
      this.begin(newBase, snapshots);
      left -= 1;
    }
    if (truncateFrom !== null && left > 0)
      this.entries.length = Math.min(this.entries.length, truncateFrom - 1 - this.base.index);
    for (const entry of entries.slice(0, Math.max(left - 1, 0))) this.append(entry);
  }

  private begin({ base, isLogKept }: NewBase, snapshots: ReadonlyMap<number, DiskSnapshot>): void {
    const named = snapshots.get(base.index);
    if (named === undefined) {
      throw new InvariantViolation(
        'committed-is-durable',
        `no snapshot is on disk at the base ${base.index}`,
      );
    }
    this.clusterId = named.head.clusterId;
    this.entries = isLogKept ? [...this.between(base.index + 1, this.lastIndex)] : [];
    this.base = base;
  }

  private append(entry: Entry): void {
    const next = logIndex(this.lastIndex + 1);
    if (entry.index !== next) {
      throw new InvariantViolation(
        'append-contiguous',
        `entry ${entry.index} is written where ${next} comes next`,
      );
    }
    this.entries.push(entry);
  }
}
