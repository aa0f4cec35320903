/** How a term begins and how office is left, whatever the reason: the one door for each. Source: Raft §5.1. */

import type { LogIndex, NodeId, Ref, Term } from '../basics/brands.ts';
import { assertNever, invariant } from '../basics/invariants.ts';
import { SharedList } from '../basics/shared-list.ts';
import type { Message } from '../contract/message.ts';
import {
  configurationIndexOf,
  configurationOf,
  drawBetween,
  oweResult,
  type Draft,
  type NodeState,
  type OwedMessage,
} from '../state/node-state.ts';
import { follower, type Leader, type Role } from '../state/role.ts';
import { resumeWait } from './fail-over.ts';

/**
 * Does a message of a higher term make this node adopt that term? Everything does that only someone who began the term
 * can send or has heard of, but not what asks about a term that nobody has begun. Source: Raft §5.1; R11.
 */
export function adoptsTerm(state: NodeState, message: Message): boolean {
  if (message.term <= state.currentTerm) return false;
  switch (message.kind) {
    case 'append':
    case 'appendReply':
    case 'appendRefusal':
    case 'roundReply':
    case 'voteReply':
      return true;
    case 'voteRequest':
      return !isLoyal(state);
    case 'removed':
    case 'preVoteRequest':
      return false;
    case 'preVoteReply':
      return !message.isGranted;
    default:
      return assertNever(message);
  }
}

/**
 * Does this node keep to a leader, itself or one heard within the shortest election timeout? Then it refuses pre-votes
 * and ignores vote requests, so that a node that was cut off cannot depose a leader that works. Source: Diss. §4.2.3;
 * R11.
 */
export function isLoyal(state: NodeState): boolean {
  if (state.role.kind === 'leader') return true;
  return (
    state.leaderHeardMs !== null && state.nowMs - state.leaderHeardMs < state.options.electionTimeoutMinMs
  );
}

/** Begins `term`; `leader` is the one that speaks in it, if one does. */
export function adoptTerm(draft: Draft, term: Term, leader: NodeId | null): void {
  invariant(term > draft.currentTerm, 'term-monotonic', () => `${term} after ${draft.currentTerm}`);
  becomeFollower(draft, leader);
  draft.currentTerm = term;
  draft.votedFor = null;
  draft.termLeader = leader;
  draft.leaderHeardMs = null;
}

/** Leaves whatever this node is for a follower of `leader`, in the same term. */
export function becomeFollower(draft: Draft, leader: NodeId | null): void {
  leaveFor(draft, follower(leader), leader);
}

/** The disk failed: nothing this node says can be relied on any more (R6). */
export function fail(draft: Draft): void {
  leaveFor(draft, { kind: 'failed' }, null);
  draft.owedMessages = SharedList.of<OwedMessage>([]);
  draft.failOver = null;
}

/** A timeout is drawn for each leader, grant and campaign; an append only moves where it counts from (R12). */
export function drawElectionTimeout(draft: Draft): void {
  const { electionTimeoutMinMs, electionTimeoutMaxMs } = draft.options;
  draft.electionTimeoutMs = drawBetween(draft, electionTimeoutMinMs, electionTimeoutMaxMs);
  draft.electionFromMs = draft.nowMs;
}

function leaveFor(draft: Draft, role: Role, leader: NodeId | null): void {
  if (draft.role.kind === 'leader') {
    settle(draft, draft.role, leader, role.kind === 'failed' ? 'failed' : 'not-leader');
    // Out of office it sends nothing more (R12).
    const others = draft.owedMessages.slice().filter(({ message }) => message.kind !== 'append');
    draft.owedMessages = SharedList.of(others);
    drawElectionTimeout(draft);
  }
  resumeWait(draft);
  draft.role = role;
}

/** Every request of this leadership ends here at the latest. The term is still the leadership's. */
function settle(draft: Draft, office: Leader, leader: NodeId | null, reason: 'failed' | 'not-leader'): void {
  for (const { ref, index } of office.proposals.slice()) {
    const isCommitted = index <= draft.commitIndex;
    settleOne(draft, ref, isCommitted ? index : null, leader);
  }
  if (office.changeRef !== null) {
    const index = configurationIndexOf(draft);
    const isDone = configurationOf(draft).kind === 'simple' && index <= draft.commitIndex;
    settleOne(draft, office.changeRef, isDone ? index : null, leader);
  }
  const refuse = (ref: Ref) => oweResult(draft, ref, { outcome: 'refused', reason, leader });
  for (const { refs } of office.readRounds) refs.forEach(refuse);
  office.waitingReads.slice().forEach(refuse);
}

/** `index` is where it is committed; `null` where the next leader may commit it or not. */
function settleOne(draft: Draft, ref: Ref, index: LogIndex | null, leader: NodeId | null): void {
  const term = draft.currentTerm;
  oweResult(
    draft,
    ref,
    index === null ? { outcome: 'unknown', leader } : { outcome: 'committed', term, index },
  );
}
