/** What the outside owes a node: the difference between what is true and what was handed out. */

import { SharedList } from './basics/shared-list.ts';
import type { Effect } from './contract/effect.ts';
import type { PeerProgress, Status } from './contract/status.ts';
import { applyCommitted, trimLog } from './rules/apply.ts';
import { compact } from './rules/compaction.ts';
import { askLeader } from './rules/follower-read.ts';
import { answerByLease, beginLeaseRound } from './rules/lease.ts';
import { settleConfiguration } from './rules/membership.ts';
import { persist, sendOwed } from './rules/persistence.ts';
import { settleProposals } from './rules/proposal.ts';
import { beginReadRound } from './rules/read-index.ts';
import { sendAppends } from './rules/sending.ts';
import { wakeAtMs } from './rules/timers.ts';
import { tellTarget } from './rules/transfer.ts';
import {
  configurationIndexOf,
  copyState,
  isRemovedForGood,
  leaderOf,
  type Draft,
  type NodeState,
} from './state/node-state.ts';

/** What a flush gives: the state to go on with, and what to do. */
export interface Flushed {
  /** Owes nothing any more: a second flush gives no effects. */
  readonly state: NodeState;
  /** To be performed in this order. */
  readonly effects: readonly Effect[];
  /** When to step `timer` next, in the time of `nowMs`; `null` for never. */
  readonly wakeAtMs: number | null;
}

/**
 * Everything owed since the last flush, and a state that takes it for handed out. Without a step in between, a second
 * flush gives no effects.
 */
export function flush(state: NodeState): Flushed {
  const draft = copyState(state);
  // First, since it may append: what it appends is written and sent in this flush.
  settleConfiguration(draft);
  compact(draft);
  // Before messages leave: a round's number goes out only in those after it (R16).
  askLeader(draft);
  answerByLease(draft);
  beginReadRound(draft);
  beginLeaseRound(draft);
  const effects = draft.owedEffects.slice();
  if (effects.length > 0) draft.owedEffects = SharedList.of<Effect>([]);
  if (draft.role.kind !== 'failed') {
    persist(draft, effects);
    // Before entries are sent from the tail: what a peer needs and this turn lets go is asked for in this turn. Trimming
    // again then changes nothing that leaves the node: no entry that is still to be written or applied is ever let go,
    // and after `sendAppends` each peer has all there is, or waits for an answer or for the disk.
    trimLog(draft);
    sendOwed(draft, effects);
    sendAppends(draft, effects);
    tellTarget(draft, effects);
    applyCommitted(draft, effects);
    settleProposals(draft, effects);
  }
  reportStatus(draft, effects);
  return { state: draft, effects, wakeAtMs: wakeAtMs(draft) };
}

/** What an operator asks of a node first, as it is in this state; `changed` tells when it becomes another. */
export function statusOf(state: NodeState): Status {
  return {
    role: state.role.kind,
    currentTerm: state.currentTerm,
    leader: leaderOf(state),
    configurationIndex: configurationIndexOf(state),
    isRemoved: isRemovedForGood(state),
    peerFault: state.peerFault,
  };
}

/** What a leader knows of its peers, in the order of the configuration; empty on any other node. Made anew by each call. */
export function progressOf({ role, nowMs }: NodeState): readonly PeerProgress[] {
  if (role.kind !== 'leader') return [];
  return role.progress.map(({ id, matchIndex, nextIndex, flow, lastReplyMs }) => {
    return { id, matchIndex, nextIndex, flow: flow.kind, silentMs: nowMs - lastReplyMs };
  });
}

function reportStatus(draft: Draft, effects: Effect[]): void {
  if (isAsHanded(draft)) return;
  const status = statusOf(draft);
  draft.handedStatus = status;
  effects.push({ kind: 'changed', status });
}

/** Compared field by field: most flushes change none, and make no status either. */
function isAsHanded(state: NodeState): boolean {
  const { handedStatus: handed, role, currentTerm, peerFault } = state;
  return (
    role.kind === handed.role &&
    currentTerm === handed.currentTerm &&
    leaderOf(state) === handed.leader &&
    configurationIndexOf(state) === handed.configurationIndex &&
    isRemovedForGood(state) === handed.isRemoved &&
    peerFault?.count === handed.peerFault?.count
  );
}
