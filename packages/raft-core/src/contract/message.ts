/** What nodes say to each other. Source: Raft Figure 2; pre-vote Diss. §9.6; transfer Diss. §3.10; rounds Raft §8. */

import type { LogIndex, Round, Term } from '../basics/brands.ts';
import type { Entry } from './entry.ts';

/** AppendEntries; without entries it is the heartbeat. */
export interface Append {
  readonly kind: 'append';
  /** The leader's: a receiver of a higher one refuses. */
  readonly term: Term;
  /** The entry just before `entries`, which the receiver must hold. */
  readonly prevIndex: LogIndex;
  /** Of the entry at `prevIndex`; 0 where that is 0. */
  readonly prevTerm: Term;
  /** From `prevIndex` + 1 on, without a gap; none in a heartbeat. */
  readonly entries: readonly Entry[];
  /** The leader's; the receiver takes no more of it than this message vouches for (R7). */
  readonly commitIndex: LogIndex;
  /** The latest round of read confirmation; answers echo it (R16). */
  readonly round: Round;
  /** Asks the receiver to elect nobody else for so long, by its own clock; absent where no lease is wanted (R20). */
  readonly promiseMs?: number;
}

/** The receiver holds, on disk, the leader's log up to `matched`. */
export interface AppendReply {
  readonly kind: 'appendReply';
  /** The receiver's when it answered. */
  readonly term: Term;
  /** Up to here the receiver holds the leader's log, on disk. */
  readonly matched: LogIndex;
  /** The latest that the sender of the append had begun (R16). */
  readonly round: Round;
  /** What the receiver promises, from when it heard that round on; absent for nothing (R20). */
  readonly promiseMs?: number;
}

/** The receiver does not hold `prevIndex` with `prevTerm`. */
export interface AppendRefusal {
  readonly kind: 'appendRefusal';
  /** The receiver's, at least that of the append. */
  readonly term: Term;
  /** Of the append refused. */
  readonly prevIndex: LogIndex;
  /** The receiver's last entry at or below `prevIndex` whose term is not above the refused one, and its term. */
  readonly hintIndex: LogIndex;
  /** Of the receiver's entry at `hintIndex`. */
  readonly hintTerm: Term;
  /** Echoed from the append: it was heard, though refused (R16). */
  readonly round: Round;
  /** As in an `appendReply`. */
  readonly promiseMs?: number;
}

/**
 * Echoes a round ahead of an `appendReply` that waits for the disk; moves no match (R10). With round 0 it tells a stale
 * leader the term, and nothing else.
 */
export interface RoundReply {
  readonly kind: 'roundReply';
  /** The receiver's; the round counts in this term alone. */
  readonly term: Term;
  /** Echoed from an append. */
  readonly round: Round;
  /** As in an `appendReply`. */
  readonly promiseMs?: number;
}

/** Asks for a vote in `term`, which the sender has begun and voted for itself in. */
export interface VoteRequest {
  readonly kind: 'voteRequest';
  /** The candidate's, which it has entered. */
  readonly term: Term;
  /** Of the candidate's log; 0 where it is empty. */
  readonly lastIndex: LogIndex;
  /** Of the entry at `lastIndex`. */
  readonly lastTerm: Term;
  /** The leader itself asked for this campaign: whoever hears it may vote all the same (R11). */
  readonly isTransfer: boolean;
}

/** The answer to a request for a vote. */
export interface VoteReply {
  readonly kind: 'voteReply';
  /** The voter's when it answered. */
  readonly term: Term;
  /** At most for one candidate in a term, and on disk before it is sent. */
  readonly isGranted: boolean;
}

/** Asks whether a vote in `term`, one above the sender's own, would be granted. Changes nobody's term. */
export interface PreVoteRequest {
  readonly kind: 'preVoteRequest';
  /** One above the sender's own, which it has not entered yet. */
  readonly term: Term;
  /** Of the sender's log; 0 where it is empty. */
  readonly lastIndex: LogIndex;
  /** Of the entry at `lastIndex`. */
  readonly lastTerm: Term;
}

/** The answer to the question whether a vote would be granted. */
export interface PreVoteReply {
  readonly kind: 'preVoteReply';
  /** The term asked about where granted, the sender's own where refused (R11). */
  readonly term: Term;
  /** Binds nobody: several candidates may have it in one term. */
  readonly isGranted: boolean;
}

/** The sender knows a committed configuration that the receiver was removed by: it is to stop campaigning (R26). */
export interface Removed {
  readonly kind: 'removed';
  /** The sender's; it changes nobody's. */
  readonly term: Term;
}

/** The leader hands over: its receiver, which holds all of the leader's log, campaigns at once. Source: Diss. §3.10. */
export interface TimeoutNow {
  readonly kind: 'timeoutNow';
  /** The leader's; counts in this term alone (R12). */
  readonly term: Term;
}

/** Asks a leader from which index on a read is linearizable (R17). */
export interface ReadRequest {
  readonly kind: 'readRequest';
  /** The sender's; another's leader is silent. */
  readonly term: Term;
  /** Of the sender's process, drawn when it started. */
  readonly process: number;
  /** Of the question; rises within a process. */
  readonly counter: number;
}

/** The answer to the question of that name, confirmed after it was asked. */
export interface ReadReply {
  readonly kind: 'readReply';
  /** The leader's. */
  readonly term: Term;
  /** Of the question. */
  readonly process: number;
  /** Of the question. */
  readonly counter: number;
  /** Up to here the asker has to have applied. */
  readonly index: LogIndex;
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
  | PreVoteReply
  | Removed
  | TimeoutNow
  | ReadRequest
  | ReadReply;
