/** When an entry is committed. Source: Raft §5.3, §5.4.2. */

import { logIndex, type LogIndex, type Term } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import { quorumReached } from '../state/leader-quorum.ts';
import { lastIndex, termAt, type Log } from '../state/log.ts';
import type { Draft } from '../state/node-state.ts';
import type { Leader } from '../state/role.ts';

/** What the rule looks at: the log, and how far a quorum of its voters holds it on disk. */
export interface CommitView {
  readonly currentTerm: Term;
  readonly commitIndex: LogIndex;
  readonly log: Log;
  readonly quorumIndex: LogIndex;
}

/** The highest index that a leader may consider committed; never below `commitIndex`. Source: Raft §5.4.2, Figure 8. */
export function committable(view: CommitView): LogIndex {
  const candidate = view.quorumIndex;
  if (candidate <= view.commitIndex) return view.commitIndex;

  // A majority may hold an older-term entry and still lose it to a later leader (Raft Figure 8).
  // Counting replicas is sound only for our own term, and commits the older entries beneath it.
  return termAt(view.log, candidate) === view.currentTerm ? candidate : view.commitIndex;
}

/** After a match or our own disk moved. Our own match is the durable index, our no-op's included (R4). */
export function advanceCommit(draft: Draft, leader: Leader): void {
  const { currentTerm, commitIndex, log, disk } = draft;
  const quorumIndex = logIndex(quorumReached(leader, disk.durableIndex, ({ matchIndex }) => matchIndex));
  const index = committable({ currentTerm, commitIndex, log, quorumIndex });
  if (index > commitIndex) raiseCommit(draft, index);
}

export function raiseCommit(draft: Draft, index: LogIndex): void {
  invariant(index >= draft.commitIndex, 'commit-monotonic', () => `${index} after ${draft.commitIndex}`);
  invariant(index <= lastIndex(draft.log), 'commit-within-log', () => `${index} of ${lastIndex(draft.log)}`);
  draft.commitIndex = index;
}
