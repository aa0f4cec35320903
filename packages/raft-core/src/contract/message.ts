/** What nodes say to each other. Source: Raft Figure 2; pre-vote Diss. §9.6; rounds Raft §8. */

import type { LogIndex, Round, Term } from '../basics/brands.ts';
import type { Entry } from './entry.ts';

/** AppendEntries; without entries it is the heartbeat. */
export interface Append {
  readonly kind: 'append';
  readonly term: Term;
  /** The entry just before `entries`, which the receiver must hold. */
  readonly prevIndex: LogIndex;
  readonly prevTerm: Term;
  readonly entries: readonly Entry[];
  readonly commitIndex: LogIndex;
  /** The latest round of read confirmation; answers echo it (R16). */
  readonly round: Round;
}

/** The receiver holds, on disk, the leader's log up to `matched`. */
export interface AppendReply {
  readonly kind: 'appendReply';
  readonly term: Term;
  readonly matched: LogIndex;
  readonly round: Round;
}

/** The receiver does not hold `prevIndex` with `prevTerm`. */
export interface AppendRefusal {
  readonly kind: 'appendRefusal';
  readonly term: Term;
  /** Of the append refused. */
  readonly prevIndex: LogIndex;
  /** The receiver's last entry at or below `prevIndex` whose term is not above the refused one, and its term. */
  readonly hintIndex: LogIndex;
  readonly hintTerm: Term;
  readonly round: Round;
}

/**
 * Echoes a round ahead of an `appendReply` that waits for the disk; moves no match (R10). With round 0 it tells a stale
 * leader the term, and nothing else.
 */
export interface RoundReply {
  readonly kind: 'roundReply';
  readonly term: Term;
  readonly round: Round;
}

/** Asks for a vote in `term`, which the sender has begun and voted for itself in. */
export interface VoteRequest {
  readonly kind: 'voteRequest';
  readonly term: Term;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

/** The answer to a request for a vote. */
export interface VoteReply {
  readonly kind: 'voteReply';
  readonly term: Term;
  readonly isGranted: boolean;
}

/** Asks whether a vote in `term`, one above the sender's own, would be granted. Changes nobody's term. */
export interface PreVoteRequest {
  readonly kind: 'preVoteRequest';
  readonly term: Term;
  readonly lastIndex: LogIndex;
  readonly lastTerm: Term;
}

/** The answer to the question whether a vote would be granted. */
export interface PreVoteReply {
  readonly kind: 'preVoteReply';
  /** The term asked about where granted, the sender's own where refused (R11). */
  readonly term: Term;
  readonly isGranted: boolean;
}

/** One message between two nodes; `kind` says which. */
export type Message =
  | Append
  | AppendReply
  | AppendRefusal
  | RoundReply
  | VoteRequest
  | VoteReply
  | PreVoteRequest
  | PreVoteReply;
