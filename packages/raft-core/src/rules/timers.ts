/**
 * What time does to a node: it campaigns when no leader is heard (Raft §5.2); a leader steps down when no quorum answers (Diss. §6.2; R12) or when its own disk does not
 * (R15), and takes a silent peer's messages for lost (R10).
 */

import { assertNever } from '../basics/invariants.ts';
import { quorumReached } from '../state/leader-quorum.ts';
import { diskStallAtMs, isDiskStalled, type Draft, type NodeState } from '../state/node-state.ts';
import { copyProgress, probeAgain, type Progress } from '../state/progress.ts';
import { copyLeader, type Leader } from '../state/role.ts';
import { mayCampaign } from './candidacy.ts';
import { isFailOverDue, lengthenWait } from './fail-over.ts';
import { sayFarewell } from './membership.ts';
import { becomeFollower } from './office.ts';
import { startPreVote } from './pre-vote.ts';

export function onTimer(draft: Draft): void {
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
  const { role, failOver } = state;
  switch (role.kind) {
    case 'leader':
      return earliest(
        role.heartbeatDueMs,
        role.commitNoticeDueMs,
        role.farewellDueMs,
        quorumLostAtMs(state, role),
        diskStallAtMs(state),
      );
    case 'follower':
    case 'pre-candidate':
    case 'candidate':
      if (!mayCampaign(state)) return null;
      return earliest(electionAtMs(state), failOver?.dueMs ?? null);
    case 'failed':
      return null;
    default:
      return assertNever(role);
  }
}

function onLeaderTimer(draft: Draft, leader: Leader): void {
  if (draft.nowMs >= quorumLostAtMs(draft, leader) || isDiskStalled(draft))
    return becomeFollower(draft, null);
  if (leader.farewellDueMs !== null && draft.nowMs >= leader.farewellDueMs) sayFarewell(draft, leader);
  if (draft.role.kind === 'leader') probeSilent(draft, draft.role);
}

/** What is under way to a peer that does not answer is taken for lost (R10). */
function probeSilent(draft: Draft, leader: Leader): void {
  if (!leader.progress.some((progress) => isSilent(draft, progress))) return;
  const next = copyLeader(leader);
  next.progress = leader.progress.map((progress) => {
    if (!isSilent(draft, progress)) return progress;
    const copy = copyProgress(progress);
    probeAgain(copy);
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

/** When the newest answers of a quorum, ourselves among it, are too old to believe that we still lead. */
function quorumLostAtMs(state: NodeState, leader: Leader): number {
  const heardMs = quorumReached(leader, state.nowMs, ({ lastReplyMs }) => lastReplyMs);
  return heardMs + state.options.electionTimeoutMaxMs;
}

function electionAtMs(state: NodeState): number {
  return state.electionFromMs + state.electionTimeoutMs;
}

function isSilent(state: NodeState, { flow, lastReplyMs }: Progress): boolean {
  return flow.kind === 'replicating' && state.nowMs - lastReplyMs >= state.options.electionTimeoutMaxMs;
}

function earliest(first: number, ...others: readonly (number | null)[]): number {
  return others.reduce<number>((least, time) => (time !== null && time < least ? time : least), first);
}
