/** The door for what peers say: who may speak, what is believed at all, and whose term is adopted. Source: R7, R11. */

import type { NodeId } from '../basics/brands.ts';
import { assertNever } from '../basics/invariants.ts';
import { isMember } from '../contract/configuration.ts';
import type { Message } from '../contract/message.ts';
import { configurationOf, type Draft, type NodeState } from '../state/node-state.ts';
import { onAppend } from './append-entries.ts';
import { onVoteReply, onVoteRequest } from './election.ts';
import { onReadReply, onReadRequest } from './follower-read.ts';
import { adoptTerm, adoptsTerm } from './office.ts';
import { blame, isWellFormed } from './peer-faults.ts';
import { onPreVoteReply, onPreVoteRequest } from './pre-vote.ts';
import { answerRemoved, onRemoved } from './removal.ts';
import { onAppendRefusal, onAppendReply, onRoundReply } from './replication.ts';
import { onTimeoutNow } from './transfer.ts';

export function onReceive(draft: Draft, from: NodeId, message: Message): void {
  if (from === draft.options.id) return;
  if (!isWellFormed(message, draft.currentTerm)) return blame(draft, from, 'malformed-message');

  if (isUnasked(draft, from, message) || answerRemoved(draft, from, message)) return;
  // An append is looked at whole before its term is believed, in its own handler.
  if (message.kind !== 'append' && adoptsTerm(draft, from, message)) adoptTerm(draft, message.term, null);
  switch (message.kind) {
    case 'append':
      return onAppend(draft, from, message);
    case 'appendReply':
      return onAppendReply(draft, from, message);
    case 'appendRefusal':
      return onAppendRefusal(draft, from, message);
    case 'roundReply':
      return onRoundReply(draft, from, message);
    case 'voteRequest':
      return onVoteRequest(draft, from, message);
    case 'voteReply':
      return onVoteReply(draft, from, message);
    case 'preVoteRequest':
      return onPreVoteRequest(draft, from, message);
    case 'preVoteReply':
      return onPreVoteReply(draft, from, message);
    case 'removed':
      return onRemoved(draft);
    case 'timeoutNow':
      return onTimeoutNow(draft, from, message);
    case 'readRequest':
      return onReadRequest(draft, from, message);
    case 'readReply':
      return onReadReply(draft, from, message);
    default:
      return assertNever(message);
  }
}

/**
 * Is this the answer of a node that was never asked? Requests are heard from whoever sends them: this node's
 * configuration may be older than that of a candidate or a leader (R24).
 */
function isUnasked(state: NodeState, from: NodeId, message: Message): boolean {
  switch (message.kind) {
    case 'appendReply':
    case 'appendRefusal':
    case 'roundReply':
    case 'voteReply':
    case 'preVoteReply':
    // It silences for good, and only who was asked for a vote, or sent entries, answers so (R26).
    case 'removed':
    // Who asks for reads asks a leader, whose configuration is the latest.
    case 'readRequest':
    case 'readReply':
      return !isSentTo(state, from) && !isMember(configurationOf(state), from);
    case 'append':
    case 'voteRequest':
    case 'preVoteRequest':
    case 'timeoutNow':
      return false;
    default:
      return assertNever(message);
  }
}

/** Of the members, and of those that are told that they were removed (R26). */
function isSentTo({ role }: NodeState, peer: NodeId): boolean {
  return role.kind === 'leader' && role.progress.some(({ id }) => id === peer);
}
