/** What a log on a disk consists of, and how one write changes it, whole or torn. */

import {
  emptyRecord,
  InvariantViolation,
  logIndex,
  type Configuration,
  type Entry,
  type HardState,
  type NodeId,
} from '@raftkv/core';
import type { Incarnation, WriteBatch } from '@raftkv/runtime';

export type Operation =
  | { readonly kind: 'write'; readonly batch: WriteBatch }
  | { readonly kind: 'bind'; readonly peer: NodeId; readonly incarnation: Incarnation };

/** Changed in place. */
export class LogContent {
  /** The last one. */
  hardState: HardState;
  /** From the first on, without a gap. */
  readonly entries: Entry[];
  /** Under which incarnation each peer was met. */
  readonly members: Map<NodeId, Incarnation>;

  constructor(hardState: HardState, entries: readonly Entry[], members: ReadonlyMap<NodeId, Incarnation>) {
    this.hardState = hardState;
    this.entries = [...entries];
    this.members = new Map(members);
  }

  /** That of a member that has never run. */
  static empty(configuration: Configuration): LogContent {
    return new LogContent(emptyRecord(configuration).hardState, [], new Map());
  }

  /** Changed apart from this one. */
  copy(): LogContent {
    return new LogContent(this.hardState, this.entries, this.members);
  }

  /** The first `parts` of `operation`: hard state, truncation, each entry. @throws {InvariantViolation} at a gap in the log. */
  take(operation: Operation, parts: number = Infinity): void {
    if (parts < 1) return;
    if (operation.kind === 'bind') {
      this.members.set(operation.peer, operation.incarnation);
      return;
    }
    const { hardState, truncateFrom, entries } = operation.batch;
    if (hardState !== null) this.hardState = hardState;
    if (truncateFrom !== null && parts > 1)
      this.entries.length = Math.min(this.entries.length, truncateFrom - 1);
    for (const entry of parts === Infinity ? entries : entries.slice(0, Math.max(parts - 2, 0)))
      this.append(entry);
  }

  private append(entry: Entry): void {
    const next = logIndex(this.entries.length + 1);
    if (entry.index !== next) {
      throw new InvariantViolation(
        'append-contiguous',
        `entry ${entry.index} is written where ${next} comes next`,
      );
    }
    this.entries.push(entry);
  }
}
