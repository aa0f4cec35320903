/** What a node is, and what it knows only while it is that. Source: Raft §5.1, §5.2; pre-candidates Diss. §9.6. */

import { logIndex, round, type LogIndex, type NodeId, type Ref, type Round } from '../basics/brands.ts';
import { SharedList } from '../basics/shared-list.ts';
import type { Reader } from './follower-reads.ts';
import type { Places, Voting } from './leader-quorum.ts';
import type { Progress } from './progress.ts';

/** Who granted, without repetition. */
export type Votes = readonly NodeId[];

export interface Follower {
  readonly kind: 'follower';
  /** `null` while none is known, and after a hint that it is gone (R14). */
  readonly leader: NodeId | null;
  /** The last round echoed to this leader (R10). */
  readonly echoedRound: Round;
  /** A heartbeat came in this turn; its answer does not wait for the disk. */
  readonly isHeartbeatOwed: boolean;
}

export type Role =
  | Follower
  | { readonly kind: 'pre-candidate'; readonly votes: Votes }
  | { readonly kind: 'candidate'; readonly votes: Votes }
  | Leader
  | { readonly kind: 'failed' };

/** A proposal whose outcome is not known yet. */
export interface Proposal {
  /** The host's name for it. */
  readonly ref: Ref;
  /** Of its entry; whoever leads later may replace that. */
  readonly index: LogIndex;
}

/** Reads that wait for a quorum to echo `round`; then they may be served from `index` on. */
export interface ReadRound {
  /** Rises by one with each round of this leadership. */
  readonly round: Round;
  /** The commit index when it began: what its reads have to see. */
  readonly index: LogIndex;
  /** Answered together. */
  readonly refs: readonly Reader[];
}

/** Until when nobody else can be elected, and what was asked to make that longer (R20). */
export interface Lease {
  /** Rounds whose messages ask for promises, and when each began: the newest that a quorum answered, and those after it. */
  readonly asked: readonly { readonly round: Round; readonly sinceMs: number }[];
  /** In the time of `nowMs`; `null` while a quorum has promised nothing. */
  readonly untilMs: number | null;
}

export interface Leader {
  readonly kind: 'leader';
  /** This leadership's no-op: once committed, reads may begin and the commit index is this term's. */
  readonly firstIndex: LogIndex;
  /** In the order of the configuration, self left out; behind them who was removed, until it is told (R26). */
  readonly progress: readonly Progress[];
  /** Where the voters of the configuration in force stand in `progress`: one half, or two while joint. */
  readonly halves: readonly Places[];
  /** The change of membership that is under way here; `null` while none is, or another leader began it. */
  readonly changeRef: Ref | null;
  /** Of the last configuration whose commit was acted upon; 0 before the first. */
  readonly settledIndex: LogIndex;
  /** When who was removed is spoken to no more, and a leader that was goes; `null` while there is nobody (R25, R26). */
  readonly farewellDueMs: number | null;
  /** In the order of their indexes. */
  readonly proposals: SharedList<Proposal>;
  /** Not in a round yet: the next flush may begin one for them (R16). */
  readonly waitingReads: SharedList<Reader>;
  /** Under way, oldest first; at most two (R16). */
  readonly readRounds: readonly ReadRound[];
  /** The last round begun. */
  readonly round: Round;
  /** When the next heartbeat goes out, in the time of `nowMs`. */
  readonly heartbeatDueMs: number;
  /** When a moved commit index goes out alone; `null` while every peer has been sent it. */
  readonly commitNoticeDueMs: number | null;
  /** The hand-over under way; proposals are refused meanwhile (Diss. §3.10). */
  readonly transfer: Transfer | null;
  /** `null` where none is wanted, or none may be taken in this term any more (R20). */
  readonly lease: Lease | null;
}

/** Leadership on its way to another. It ends with the office at the latest, so that no role change can leave it behind. */
export interface Transfer {
  /** Who asked for it; `null` where this node did, since its disk stands still (R15). */
  readonly ref: Ref | null;
  /** A voter, and not this node. */
  readonly target: NodeId;
  /** When this node leads on. */
  readonly giveUpAtMs: number;
  /** The target held all of our log, and was told to campaign. */
  readonly isTold: boolean;
}

export type LeaderDraft = { -readonly [Field in keyof Leader]: Leader[Field] };

/** The one place where this shape is copied: a literal, which costs a fraction of an object spread. */
export function copyLeader(leader: Leader): LeaderDraft {
  return {
    kind: 'leader',
    firstIndex: leader.firstIndex,
    progress: leader.progress,
    halves: leader.halves,
    changeRef: leader.changeRef,
    settledIndex: leader.settledIndex,
    farewellDueMs: leader.farewellDueMs,
    proposals: leader.proposals,
    waitingReads: leader.waitingReads,
    readRounds: leader.readRounds,
    round: leader.round,
    heartbeatDueMs: leader.heartbeatDueMs,
    commitNoticeDueMs: leader.commitNoticeDueMs,
    transfer: leader.transfer,
    lease: leader.lease,
  };
}

/** A leader that has said nothing yet; its first entry will be `firstIndex`. */
export function newLeader(
  firstIndex: LogIndex,
  { progress, halves }: Voting,
  nowMs: number,
  lease: Lease | null,
): Leader {
  return {
    kind: 'leader',
    firstIndex,
    progress,
    halves,
    changeRef: null,
    settledIndex: logIndex(0),
    farewellDueMs: null,
    proposals: SharedList.of<Proposal>([]),
    waitingReads: SharedList.of<Reader>([]),
    readRounds: [],
    round: round(0),
    heartbeatDueMs: nowMs,
    commitNoticeDueMs: null,
    transfer: null,
    lease,
  };
}

export function follower(leader: NodeId | null): Follower {
  return { kind: 'follower', leader, echoedRound: round(0), isHeartbeatOwed: false };
}

/** A commit index at or above the leader's own no-op is one that no later leader can lack. Source: Raft §8. */
export function hasCommittedInTerm(leader: Leader, commitIndex: LogIndex): boolean {
  return commitIndex >= leader.firstIndex;
}
