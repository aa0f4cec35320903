/**
 * Pre-vote: before it begins a term, a node asks whether it would be voted for. A node that was cut off then finds out
 * that it would lose without disturbing the cluster. Source: Diss. §9.6; R11.
 */

import { term, type NodeId } from '../basics/brands.ts';
import { othersOf } from '../contract/configuration.ts';
import { hasQuorum } from '../contract/quorum.ts';
import type { PreVoteReply, PreVoteRequest } from '../contract/message.ts';
import { isUpToDate, lastIndex, lastTerm } from '../state/log.ts';
import { configurationOf, isDiskStalled, oweMessage, type Draft } from '../state/node-state.ts';
import { mayCampaign } from './candidacy.ts';
import { startCampaign, withVote } from './election.ts';
import { endFailOver, restartWait } from './fail-over.ts';
import { becomeFollower, drawElectionTimeout, isLoyal } from './office.ts';

/** Asks all voters about the next term. Nothing on a leader, or on a node that is no voter (R24). */
export function startPreVote(draft: Draft): void {
  const { id } = draft.options;
  if (draft.role.kind === 'leader' || !mayCampaign(draft)) return;
  // A node whose disk does not answer could not vote for itself, and must not disturb those that can (R15).
  if (isDiskStalled(draft)) {
    endFailOver(draft);
    return drawElectionTimeout(draft);
  }
  becomeFollower(draft, null);
  draft.role = { kind: 'pre-candidate', votes: [id] };
  drawElectionTimeout(draft);

  const { log } = draft;
  const asked = term(draft.currentTerm + 1);
  for (const peer of othersOf(configurationOf(draft), id)) {
    oweMessage(draft, peer, {
      kind: 'preVoteRequest',
      term: asked,
      lastIndex: lastIndex(log),
      lastTerm: lastTerm(log),
    });
  }
  if (hasQuorum(configurationOf(draft), [id])) startCampaign(draft);
}

/** Granting changes nothing here but the wait of a fail-over under way. */
export function onPreVoteRequest(draft: Draft, from: NodeId, request: PreVoteRequest): void {
  const isGranted =
    !isLoyal(draft) &&
    request.term > draft.currentTerm &&
    isUpToDate(draft.log, request.lastIndex, request.lastTerm);
  if (isGranted) restartWait(draft);
  // A refusal must carry the true term: hidden or mis-stated, two halves of a cluster can block each other for ever.
  oweMessage(draft, from, {
    kind: 'preVoteReply',
    term: isGranted ? request.term : draft.currentTerm,
    isGranted,
  });
}

export function onPreVoteReply(draft: Draft, from: NodeId, reply: PreVoteReply): void {
  if (draft.role.kind !== 'pre-candidate' || !reply.isGranted || reply.term !== draft.currentTerm + 1) return;
  const votes = withVote(draft.role.votes, from);
  draft.role = { kind: 'pre-candidate', votes };
  if (hasQuorum(configurationOf(draft), votes)) startCampaign(draft);
}
