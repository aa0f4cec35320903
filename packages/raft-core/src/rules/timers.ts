/**
 * What time does to a leader: it steps down when no quorum answers (Diss. §6.2; R12) or when its own disk does not
 * (R15), and takes a silent peer's messages for lost (R10).
 */

import { assertNever } from '../basics/invariants.ts';
import { isVoter, quorumValue } from '../contract/configuration.ts';
import { stalledSinceMs } from '../state/disk.ts';
import { configurationOf, type Draft, type NodeState } from '../state/node-state.ts';
import { copyProgress, probeFromMatch, type Progress } from '../state/progress.ts';
import { copyLeader, type Leader } from '../state/role.ts';
import { endFailOver, isFailOverDue, lengthenWait } from './fail-over.ts';
import { becomeFollower, drawElectionTimeout } from './office.ts';
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
  const { role, options, failOver } = state;
  switch (role.kind) {
    case 'leader':
      return earliest(
        role.heartbeatDueMs,
        role.commitNoticeDueMs,
        quorumLostAtMs(state, role),
        stalledAtMs(state),
      );
    case 'follower':
    case 'pre-candidate':
    case 'candidate':
      if (!isVoter(configurationOf(state), options.id)) return null;
      return earliest(electionAtMs(state), failOver?.dueMs ?? null);
    case 'failed':
      return null;
    default:
      return assertNever(role);
  }
}

function onLeaderTimer(draft: Draft, leader: Leader): void {
  if (draft.nowMs >= quorumLostAtMs(draft, leader) || isStalled(draft)) return becomeFollower(draft, null);
  if (!leader.progress.some((progress) => isSilent(draft, progress))) return;
  const next = copyLeader(leader);
  next.progress = leader.progress.map((progress) => {
    if (!isSilent(draft, progress)) return progress;
    const copy = copyProgress(progress);
    probeFromMatch(copy);
    return copy;
  });
  draft.role = next;
}

function onElectionTimer(draft: Draft): void {
  const isHinted = isFailOverDue(draft);
  if (!isHinted && draft.nowMs < electionAtMs(draft)) return;
  // A node whose disk does not answer could not vote for itself, and must not disturb those that can (R15).
  if (isStalled(draft)) {
    endFailOver(draft);
    return drawElectionTimeout(draft);
  }
  if (isHinted) lengthenWait(draft);
  startPreVote(draft);
}

/** When the newest answers of a quorum, ourselves among it, are too old to believe that we still lead. */
function quorumLostAtMs(state: NodeState, leader: Leader): number {
  const heard = leader.progress.map((progress) => progress.lastReplyMs);
  heard.push(state.nowMs);
  return quorumValue(heard) + state.options.electionTimeoutMaxMs;
}

function stalledAtMs(state: NodeState): number | null {
  const sinceMs = stalledSinceMs(state.disk);
  return sinceMs === null ? null : sinceMs + state.options.electionTimeoutMaxMs;
}

function isStalled(state: NodeState): boolean {
  const atMs = stalledAtMs(state);
  return atMs !== null && state.nowMs >= atMs;
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
