/**
 * Lease reads: a quorum promised, for a while, to elect nobody but the leader; until then it answers reads without asking
 * anyone. The promises stand in messages, so that no two nodes have to agree on an option. Source: Diss. §6.4.1; R19, R20.
 */

import { round } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import type { CompleteOptions } from '../contract/options.ts';
import { oweReadable, type Draft, type NodeState } from '../state/node-state.ts';
import { quorumReached } from '../state/leader-quorum.ts';
import type { ProgressDraft } from '../state/progress.ts';
import { copyLeader, hasCommittedInTerm, type Leader, type LeaderDraft, type Lease } from '../state/role.ts';
import { SharedList } from '../basics/shared-list.ts';
import type { Reader } from '../state/follower-reads.ts';

/** Nothing promised, and nothing asked for yet. */
const NO_LEASE: Lease = { asked: [], untilMs: null };

/** What a new leader begins with; `null` where it wants none. */
export function newLease({ leasePromiseMs }: CompleteOptions): Lease | null {
  return leasePromiseMs === 0 ? null : NO_LEASE;
}

/** For how long the messages of `leader` ask; 0 where they ask for nothing. */
export function askedPromiseMs({ options }: NodeState, leader: Leader): number {
  return leader.lease === null ? 0 : options.leasePromiseMs;
}

/** At a flush: each heartbeat of a leader that wants a lease is a round of its own, so that answers name their question. */
export function beginLeaseRound(draft: Draft): void {
  const { role, nowMs } = draft;
  if (role.kind !== 'leader' || role.lease === null || nowMs < role.heartbeatDueMs) return;
  const leader = copyLeader(role);
  leader.round = round(leader.round + 1);
  noteRound(draft, leader);
  draft.role = leader;
}

/**
 * The newest round begins: no message with its number has left before now. Now is the time of the last step, which was
 * before; of later messages with the same number it is before, too (R20).
 */
export function noteRound({ nowMs, options }: NodeState, leader: LeaderDraft): void {
  const { lease } = leader;
  if (lease === null) return;
  const asked = lease.asked.filter(({ sinceMs }) => nowMs - sinceMs < options.leasePromiseMs);
  leader.lease = { asked: [...asked, { round: leader.round, sinceMs: nowMs }], untilMs: lease.untilMs };
}

/** `progress` answered a message of `round`, and promised as long as asked: what a quorum has promised may be more. */
export function onPromise(draft: Draft, leader: LeaderDraft, progress: ProgressDraft, reply: Promised): void {
  if (leader.lease === null || (reply.promiseMs ?? 0) < draft.options.leasePromiseMs) return;
  if (reply.round > progress.promisedRound) progress.promisedRound = round(reply.round);
  renewLease(draft, leader, leader.lease);
}

/** An answer to an append. */
interface Promised {
  readonly round: number;
  readonly promiseMs?: number;
}

function renewLease(state: NodeState, leader: LeaderDraft, lease: Lease): void {
  // While it leads, a leader votes for nobody; out of office its lease is gone.
  const newest = quorumReached(leader, leader.round, ({ promisedRound }) => promisedRound);
  const at = lease.asked.findLastIndex((asked) => asked.round <= newest);
  const asked = lease.asked[at];
  if (asked === undefined) return;
  const { leasePromiseMs, clockDriftMaxMs } = state.options;
  const untilMs = asked.sinceMs + leasePromiseMs - clockDriftMaxMs;
  invariant(
    lease.untilMs === null || untilMs >= lease.untilMs,
    'lease-from-sending',
    () => `${untilMs} after ${lease.untilMs}`,
  );
  leader.lease = { asked: lease.asked.slice(at), untilMs };
}

/** The clock of this node may have stood still: what was promised may be over, and what is under way too (R19). */
export function onLeaseDoubt(draft: Draft): void {
  if (draft.role.kind !== 'leader' || draft.role.lease === null) return;
  const leader = copyLeader(draft.role);
  beginLeaseAnew(draft, leader);
  draft.role = leader;
}

/** What was promised, and what is under way, counts no more: the next flush asks anew. */
export function beginLeaseAnew({ nowMs }: NodeState, leader: LeaderDraft): void {
  if (leader.lease === null) return;
  leader.lease = NO_LEASE;
  leader.heartbeatDueMs = nowMs;
}

/** May a read be answered now, without asking anyone? */
function holdsLease({ nowMs, commitIndex }: NodeState, leader: Leader): boolean {
  const untilMs = leader.lease?.untilMs ?? null;
  return untilMs !== null && nowMs < untilMs && hasCommittedInTerm(leader, commitIndex);
}

/** At a flush: the reads that wait are answered, if nobody else can lead at the time of the last step. */
export function answerByLease(draft: Draft): void {
  const { role, commitIndex: index } = draft;
  if (role.kind !== 'leader' || role.waitingReads.length === 0 || !holdsLease(draft, role)) return;
  for (const reader of role.waitingReads.slice()) oweReadable(draft, reader, index);
  const leader = copyLeader(role);
  leader.waitingReads = SharedList.of<Reader>([]);
  draft.role = leader;
}
