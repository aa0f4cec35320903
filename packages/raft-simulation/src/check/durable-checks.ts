/** What must hold of the disks, those of crashed nodes too. */

import { logIndex, type HardState, type NodeId } from '@raftkv/core';
import type { DurableLog } from '../disk/durable-log.ts';
import type { Committed } from './committed.ts';
import { isQuorum, votersIn } from './quorum.ts';
import { check } from './violation.ts';

interface Seen {
  version: number;
  wipes: number;
  hardState: HardState;
}

export class DurableChecks {
  private readonly disks: ReadonlyMap<NodeId, DurableLog>;
  private readonly seen: ReadonlyMap<NodeId, Seen>;
  private readonly committed: Committed;
  private checkedIndex = 0;

  constructor(disks: ReadonlyMap<NodeId, DurableLog>, committed: Committed) {
    this.disks = disks;
    this.committed = committed;
    this.seen = new Map(
      [...disks].map(([id, { version, wipes, hardState }]) => [id, { version, wipes, hardState }] as const),
    );
  }

  afterEvent(): void {
    let isChanged = this.checkedIndex !== this.committed.lastIndex;
    for (const [id, disk] of this.disks) {
      const seen = this.seen.get(id);
      if (seen === undefined || seen.version === disk.version) continue;
      isChanged = true;
      if (seen.wipes === disk.wipes) checkHardState(id, seen.hardState, disk.hardState);
      seen.version = disk.version;
      seen.wipes = disk.wipes;
      seen.hardState = disk.hardState;
    }
    if (isChanged) this.checkCommitted();
  }

  /** What a node applies is on its own disk. Source: R4. */
  onApply(id: NodeId, index: number, term: number): void {
    const disk = this.disks.get(id);
    check(
      disk === undefined || holdsOn(disk, index, term),
      'apply-durable',
      () => `${id} applies ${index}@${term}, its disk ends with ${disk?.lastIndex}`,
    );
  }

  /** The last committed entry, and by log matching all before it, is on the disks of a quorum. */
  private checkCommitted(): void {
    const index = this.committed.lastIndex;
    this.checkedIndex = index;
    if (index === 0) return;
    const term = this.committed.termAt(index);
    const { judge } = this.committed;
    if (judge === null) return;
    const holds = (id: NodeId) => {
      const disk = this.disks.get(id);
      // An emptied disk may have held it. That it holds it no more is what the fault does, and no fault of the nodes.
      return disk !== undefined && (disk.wipes > 0 || holdsOn(disk, index, term));
    };
    const holders = () => [...this.disks.keys()].filter(holds).join();
    check(
      isQuorum(judge, holds),
      'committed-is-durable',
      () => `${index}@${term} is committed, and on the disks of ${holders()}, of voters ${votersIn(judge)}`,
    );
  }
}

/** In the log, or in the snapshot before it. */
function holdsOn(disk: DurableLog, index: number, term: number): boolean {
  return index <= disk.base.index || disk.entryAt(logIndex(index))?.term === term;
}

function checkHardState(id: NodeId, before: HardState, after: HardState): void {
  check(
    after.currentTerm >= before.currentTerm,
    'term-monotonic',
    () => `the disk of ${id} goes from ${show(before)} to ${show(after)}`,
  );
  check(
    after.currentTerm > before.currentTerm || before.votedFor === null || after.votedFor === before.votedFor,
    'one-vote-per-term',
    () => `the disk of ${id} goes from ${show(before)} to ${show(after)}`,
  );
  // Below it a node that starts again would show what is older than what it showed before (R8).
  check(
    after.commitIndex >= before.commitIndex,
    'commit-monotonic',
    () => `the disk of ${id} goes from ${show(before)} to ${show(after)}`,
  );
}

function show({ currentTerm, votedFor, commitIndex }: HardState): string {
  return `term ${currentTerm} vote ${votedFor ?? 'nobody'} commit ${commitIndex}`;
}
