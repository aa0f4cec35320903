/**
 * Linearizable reads without log entries: a leader that a quorum still follows, asked after the read came, knows every
 * write acknowledged before it. Source: Raft §8; Diss. §6.4; rule R16.
 */

import { round, type LogIndex, type Ref } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import { SharedList } from '../basics/shared-list.ts';
import { quorumReached } from '../state/leader-quorum.ts';
import { leaderOf, oweEffect, oweResult, type Draft } from '../state/node-state.ts';
import { copyLeader, hasCommittedInTerm, type Leader, type LeaderDraft } from '../state/role.ts';

/** More would only be confirmed by the same answers: later reads share the next round. */
const ROUNDS_MAX = 2;

export function onRead(draft: Draft, ref: Ref): void {
  const leader = leaderOf(draft);
  if (draft.role.kind !== 'leader') {
    return oweResult(draft, ref, { outcome: 'refused', reason: 'not-leader', leader });
  }
  if (waitingReads(draft.role) >= draft.options.waitingReadsMax) {
    return oweResult(draft, ref, { outcome: 'refused', reason: 'too-many-waiting-reads', leader });
  }
  const next = copyLeader(draft.role);
  next.waitingReads = next.waitingReads.append(ref);
  draft.role = next;
}

/** At a flush: all waiting reads share one new round, whose number goes out in the messages after it. */
export function beginReadRound(draft: Draft): void {
  if (draft.role.kind !== 'leader' || draft.role.waitingReads.length === 0) return;
  // Before that, entries acknowledged by an earlier leader may not be known here to be committed (Raft §8).
  if (!hasCommittedInTerm(draft.role, draft.commitIndex) || draft.role.readRounds.length >= ROUNDS_MAX)
    return;

  const leader = copyLeader(draft.role);
  draft.role = leader;
  addRound(leader, draft.commitIndex);
  confirmRounds(draft, leader);
}

/** The waiting reads of `leader` become its newest round, never one that was used before in its term. */
export function addRound(leader: LeaderDraft, index: LogIndex): void {
  const number = round(leader.round + 1);
  const newest = leader.readRounds.at(-1);
  invariant(
    newest === undefined || newest.round < number,
    'rounds-ascend',
    () => `${number} after ${newest?.round}`,
  );
  leader.round = number;
  leader.readRounds = [...leader.readRounds, { round: number, index, refs: leader.waitingReads.slice() }];
  leader.waitingReads = SharedList.of<Ref>([]);
}

/** Reads whose round a quorum has echoed; we ourselves have, where we vote: a lone voter waits for nobody. */
export function confirmRounds(draft: Draft, leader: LeaderDraft): void {
  if (leader.readRounds.length === 0) return;
  const confirmed = quorumReached(leader, leader.round, ({ echoedRound }) => echoedRound);
  for (const { round: number, index, refs } of leader.readRounds) {
    if (number > confirmed) break;
    for (const ref of refs) oweEffect(draft, { kind: 'readable', ref, index });
  }
  leader.readRounds = leader.readRounds.filter((one) => one.round > confirmed);
}

function waitingReads(leader: Leader): number {
  return leader.readRounds.reduce((count, { refs }) => count + refs.length, leader.waitingReads.length);
}
