/**
 * What time does to a node: it campaigns when no leader is heard (Raft §5.2); a leader steps down when no quorum answers
 * (Diss. §6.2; R12), hands over or steps down when its own disk does not (R15), and takes a silent peer's messages for
 * lost (R10).
 */

import { assertNever } from '../basics/invariants.ts';
import { quorumReached } from '../state/leader-quorum.ts';
import { diskStallAtMs, isDiskStalled, type Draft, type NodeState } from '../state/node-state.ts';
import { copyProgress, probeAgain, type Progress } from '../state/progress.ts';
import { copyLeader, type Leader } from '../state/role.ts';
import { mayCampaign } from './candidacy.ts';
import { waitUntilMs } from './compaction.ts';
import { isFailOverDue, lengthenWait } from './fail-over.ts';
import { giveUpAtMs, giveUpReads } from './follower-read.ts';
import { sayFarewell } from './membership.ts';
import { becomeFollower } from './office.ts';
import { startPreVote } from './pre-vote.ts';
import { endLateSnapshots, snapshotLostAtMs } from './snapshot-sending.ts';
import { endLateTransfer, transferAway } from './transfer.ts';
import { promisedUntilMs } from './promise.ts';

export function onTimer(draft: Draft): void {
  giveUpReads(draft);
  switch (draft.role.kind) {
    case 'leader':
      return onLeaderTimer(draft, draft.role);
    case 'follower':
    case 'pre-candidate':
    case 'candidate':
      return onElectionTimer(draft);
    case 'failed':
      return;
    default:
      return assertNever(draft.role);
  }
}

/** The time of the next timer that would do something; `null` for none. */
export function wakeAtMs(state: NodeState): number | null {
  return earlier(roleWakeAtMs(state), giveUpAtMs(state));
}

function roleWakeAtMs(state: NodeState): number | null {
  const { role, failOver } = state;
  switch (role.kind) {
    case 'leader':
      return leaderWakeAtMs(state, role);
    case 'follower':
    case 'pre-candidate':
    case 'candidate':
      if (!mayCampaign(state)) return null;
      return earlier(electionAtMs(state), failOver?.dueMs ?? null);
    case 'failed':
      return null;
    default:
      return assertNever(role);
  }
}

function leaderWakeAtMs(state: NodeState, leader: Leader): number | null {
  const spokenAtMs = earlier(leader.heartbeatDueMs, leader.commitNoticeDueMs);
  // A transfer away from a stalled disk has begun already, or will at the end of this one (R15).
  const stallAtMs = leader.transfer?.giveUpAtMs ?? diskStallAtMs(state);
  const goneAtMs = earlier(silenceAtMs(state, leader, spokenAtMs), leader.farewellDueMs);
  const snapshotAtMs = earlier(snapshotLostAtMs(state), waitUntilMs(state));
  return earlier(earlier(spokenAtMs, snapshotAtMs), earlier(stallAtMs, goneAtMs));
}

function onLeaderTimer(draft: Draft, leader: Leader): void {
  if (draft.nowMs >= quorumLostAtMs(draft, leader)) return becomeFollower(draft, null);
  const wasTransferring = leader.transfer !== null;
  endLateTransfer(draft);
  if (isDiskStalled(draft) && !leavesStalledDisk(draft, wasTransferring)) return becomeFollower(draft, null);
  if (draft.role.kind === 'leader') sayFarewell(draft, draft.role);
  probeSilent(draft);
  endLateSnapshots(draft);
}

/** Is leadership on its way to a node whose disk may be well? One that did not get there in time is the last (R15). */
function leavesStalledDisk(draft: Draft, wasTransferring: boolean): boolean {
  if (draft.role.kind !== 'leader') return false;
  if (draft.role.transfer !== null) return true;
  return !wasTransferring && transferAway(draft, draft.role);
}

/** What is under way to a peer that does not answer is taken for lost (R10). */
function probeSilent(draft: Draft): void {
  const leader = draft.role;
  if (leader.kind !== 'leader' || !leader.progress.some((progress) => isSilent(draft, progress))) return;
  const next = copyLeader(leader);
  next.progress = leader.progress.map((progress) => {
    if (!isSilent(draft, progress)) return progress;
    const copy = copyProgress(progress);
    probeAgain(copy, draft.log.base.index);
    return copy;
  });
  draft.role = next;
}

function onElectionTimer(draft: Draft): void {
  const isHinted = isFailOverDue(draft);
  if (!isHinted && draft.nowMs < electionAtMs(draft)) return;
  if (isHinted) lengthenWait(draft);
  startPreVote(draft);
}

/** As `quorumLostAtMs`; `null` where that is not before `otherMs`, mostly by far: then it need not be counted. */
function silenceAtMs(state: NodeState, leader: Leader, otherMs: number | null): number | null {
  let oldestMs = state.nowMs;
  for (const { lastReplyMs } of leader.progress) if (lastReplyMs < oldestMs) oldestMs = lastReplyMs;
  if (otherMs !== null && oldestMs + state.options.electionTimeoutMaxMs >= otherMs) return null;
  return quorumLostAtMs(state, leader);
}

/** When the newest answers of a quorum, ourselves among it, are too old to believe that we still lead. */
function quorumLostAtMs(state: NodeState, leader: Leader): number {
  const heardMs = quorumReached(leader, state.nowMs, ({ lastReplyMs }) => lastReplyMs);
  return heardMs + state.options.electionTimeoutMaxMs;
}

function electionAtMs(state: NodeState): number {
  const dueMs = state.electionFromMs + state.electionTimeoutMs;
  return Math.max(dueMs, promisedUntilMs(state) ?? dueMs);
}

function isSilent(state: NodeState, { flow, lastReplyMs }: Progress): boolean {
  return flow.kind === 'replicating' && state.nowMs - lastReplyMs >= state.options.electionTimeoutMaxMs;
}

function earlier(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return one < other ? one : other;
}
