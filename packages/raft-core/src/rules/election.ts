/** Elections: requests for votes, grants, and the count. Source: Raft §5.2, §5.4.1. */

import { term, type NodeId } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import { othersOf } from '../contract/configuration.ts';
import { hasQuorum } from '../contract/quorum.ts';
import type { VoteReply, VoteRequest } from '../contract/message.ts';
import { isUpToDate, lastIndex, lastTerm } from '../state/log.ts';
import { configurationOf, oweMessage, type Draft } from '../state/node-state.ts';
import { follower, type Votes } from '../state/role.ts';
import { beginWait, endFailOver, suspendWait } from './fail-over.ts';
import { becomeLeader } from './leadership.ts';
import { checkPromise, endPromiseAtTransfer, isPromisedAgainst } from './promise.ts';
import { adoptTerm, drawElectionTimeout, isLoyal } from './office.ts';

/** Begins a term and asks for its votes, also those of loyal nodes in a transfer; our own counts once on disk (R3). */
export function startCampaign(draft: Draft, isTransfer: boolean): void {
  const { id } = draft.options;
  adoptTerm(draft, term(draft.currentTerm + 1), null);
  if (isTransfer) endPromiseAtTransfer(draft, draft.currentTerm);
  checkPromise(draft, id);
  draft.votedFor = id;
  draft.role = { kind: 'candidate', votes: [] };
  drawElectionTimeout(draft);
  suspendWait(draft);

  const { currentTerm, log } = draft;
  for (const peer of othersOf(configurationOf(draft), id)) {
    oweMessage(draft, peer, {
      kind: 'voteRequest',
      term: currentTerm,
      lastIndex: lastIndex(log),
      lastTerm: lastTerm(log),
      isTransfer,
    });
  }
}

/** One vote a term, first come first served, to a log that is no less complete. Source: Raft §5.2, §5.4.1. */
export function onVoteRequest(draft: Draft, from: NodeId, request: VoteRequest): void {
  // A stale candidate learns the term even from a loyal node: it must not go on campaigning beneath it.
  const isBound = (isLoyal(draft) && !request.isTransfer) || isPromisedAgainst(draft, from, request);
  if (request.term >= draft.currentTerm && isBound) return;

  const isGranted =
    request.term === draft.currentTerm &&
    (draft.votedFor === null || draft.votedFor === from) &&
    isUpToDate(draft.log, request.lastIndex, request.lastTerm);
  if (isGranted && request.isTransfer) endPromiseAtTransfer(draft, request.term);
  if (isGranted) grantVote(draft, from);
  oweMessage(draft, from, { kind: 'voteReply', term: draft.currentTerm, isGranted });
}

export function grantVote(draft: Draft, candidate: NodeId): void {
  const { votedFor } = draft;
  invariant(
    votedFor === null || votedFor === candidate,
    'one-vote-per-term',
    () => `${votedFor}, then ${candidate}`,
  );
  checkPromise(draft, candidate);
  draft.votedFor = candidate;
  // A pre-candidate that votes leaves the field to the one it voted for.
  if (draft.role.kind === 'pre-candidate') draft.role = follower(null);
  drawElectionTimeout(draft);
  endFailOver(draft);
}

export function onVoteReply(draft: Draft, from: NodeId, reply: VoteReply): void {
  if (draft.role.kind !== 'candidate' || reply.term !== draft.currentTerm || !reply.isGranted) return;
  countVote(draft, draft.role.votes, from);
}

/** The candidate's own vote counts once the write that holds it is on disk (R3). */
export function countOwnVote(draft: Draft): void {
  const { role, disk, options, currentTerm } = draft;
  if (role.kind !== 'candidate' || role.votes.includes(options.id) || disk.durableTerm < currentTerm) return;
  invariant(
    disk.durableVote === options.id,
    'own-vote-durable',
    () => `term ${currentTerm}: ${disk.durableVote}`,
  );
  beginWait(draft);
  countVote(draft, role.votes, options.id);
}

export function withVote(votes: Votes, from: NodeId): Votes {
  return votes.includes(from) ? votes : [...votes, from];
}

function countVote(draft: Draft, sofar: Votes, from: NodeId): void {
  const votes = withVote(sofar, from);
  draft.role = { kind: 'candidate', votes };
  // Not before our own is counted: a leader's term and vote are always on its disk (R3).
  if (hasQuorum(configurationOf(draft), votes) && votes.includes(draft.options.id)) becomeLeader(draft);
}
