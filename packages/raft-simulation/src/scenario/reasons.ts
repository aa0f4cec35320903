/** Why a node did not do what it was asked: the rule that stood against it, where one has to know it to follow. */

import type { Base, Message, NodeState, PreVoteRequest, VoteRequest } from '@raftkv/core';
import type { Frame } from './scenario-network.ts';
import { entryName, lastIndexOf, lastPlaceOf, termAtOf } from './trace-words.ts';

/**
 * Why `message`, an answer to `request`, refuses; empty where there is nothing to say.
 *
 * @param before the state of the node that answers, before it heard the request; its own time is that of its last turn
 */
export function whyRefused(before: NodeState, request: Frame, message: Message, nowMs: number): string {
  const asked = request.message;
  if (asked.kind === 'append' && message.kind === 'roundReply' && message.term > asked.term)
    return `t${asked.term} is over`;
  if (message.kind === 'preVoteReply' && !message.isGranted && asked.kind === 'preVoteRequest')
    return whyNoVote(before, asked, nowMs);
  if (message.kind === 'voteReply' && !message.isGranted && asked.kind === 'voteRequest') {
    const isSameTerm = asked.term === before.currentTerm;
    if (isSameTerm && before.votedFor !== null && before.votedFor !== request.from)
      return `${before.options.id} voted for ${before.votedFor}`;
    return whyNoVote(before, asked, nowMs);
  }
  return '';
}

/** Why a message changed nothing at all; empty where that is as usual. */
export function whyIgnored(before: NodeState, { from, message }: Frame, nowMs: number): string {
  switch (message.kind) {
    case 'voteRequest':
      return loyalty(before, nowMs);
    case 'timeoutNow':
      return whyNotNow(before, from, message.term);
    case 'appendRefusal': {
      if (before.role.kind !== 'leader' || before.currentTerm !== message.term) return '';
      const progress = before.role.progress.find(({ id }) => id === from);
      if (progress === undefined) return '';
      const { flow, matchIndex, nextIndex } = progress;
      if (flow.kind === 'snapshot') return `${from} is being sent a snapshot`;
      return message.prevIndex <= matchIndex
        ? `${from} is known to match up to ${matchIndex}`
        : `the probe is at prev=${nextIndex - 1}`;
    }
    case 'append':
    case 'appendReply':
    case 'roundReply':
    case 'voteReply':
    case 'preVoteRequest':
    case 'preVoteReply':
    case 'readRequest':
    case 'readReply':
    case 'removed':
    case 'snapshot':
      return '';
  }
}

/** Why a snapshot of `base` changes nothing, as the end of a sentence; empty where it takes the place of the log (R33). */
export function whyNotTaken(
  { role, commitIndex, currentTerm, options: { id } }: NodeState,
  base: Base,
): string {
  if (role.kind === 'failed') return `: ${id} failed`;
  if (role.kind === 'leader' && base.term <= currentTerm) return `: ${id} leads`;
  return base.index <= commitIndex ? `: ${id} has committed ${commitIndex}` : '';
}

/** Why the log of a leader does not yet begin behind its snapshot; empty where nothing waits (R33). */
export function whyNotCompacted({ compaction, role, nowMs, options }: NodeState): string {
  if (compaction === null || role.kind !== 'leader') return '';
  const { index } = compaction;
  const waited = role.progress.filter(
    ({ matchIndex, lastReplyMs }) => matchIndex < index && nowMs - lastReplyMs < options.electionTimeoutMaxMs,
  );
  return `keeps its log for ${waited.map(({ id, matchIndex }) => `${id} at match=${matchIndex}`).join(', ')}`;
}

/** Why the commit index of a leader stays where it is although a quorum holds more; empty where none does (§5.4.2). */
export function whyNotCommitted(before: NodeState, after: NodeState): string {
  const candidate = quorumMatch(after);
  if (candidate <= after.commitIndex || sum(matchesOf(before)) >= sum(matchesOf(after))) return '';
  const term = termAtOf(after.log, candidate);
  if (term === null || term === after.currentTerm) return '';
  return `keeps commit=${after.commitIndex}: ${entryName(candidate, term)} is not of term ${after.currentTerm}`;
}

/** Why the reads of a leader wait, after a flush that began no round for them; empty where none waits. */
export function whyReadsWait({ role, commitIndex, log, currentTerm }: NodeState): string {
  if (role.kind !== 'leader' || role.waitingReads.length === 0) return '';
  if (commitIndex < role.firstIndex)
    return `${entryName(role.firstIndex, termAtOf(log, role.firstIndex) ?? currentTerm)} is not committed`;
  return `${role.readRounds.length} rounds are under way`;
}

/** Only the leader of now says who campaigns now (R12). */
function whyNotNow({ role, currentTerm, options }: NodeState, from: string, term: number): string {
  if (term !== currentTerm) return `${options.id} is in t${currentTerm}`;
  return role.kind === 'follower' && role.leader === from ? '' : `${from} is not its leader`;
}

function whyNoVote(before: NodeState, request: VoteRequest | PreVoteRequest, nowMs: number): string {
  const isOld =
    request.kind === 'voteRequest' ? request.term < before.currentTerm : request.term <= before.currentTerm;
  if (isOld) return `${before.options.id} is in t${before.currentTerm}`;
  const loyal = loyalty(before, nowMs);
  if (loyal !== '') return loyal;
  const last = lastIndexOf(before.log);
  const lastTerm = termAtOf(before.log, last) ?? 0;
  const isBehind = request.lastTerm < lastTerm || (request.lastTerm === lastTerm && request.lastIndex < last);
  return isBehind ? `${before.options.id}'s log ends in ${lastPlaceOf(before.log)}` : '';
}

/** The leader that a node keeps to (Diss. §4.2.3); empty where there is none. */
function loyalty({ role, leaderHeardMs, termLeader, options, promise }: NodeState, nowMs: number): string {
  if (role.kind === 'leader') return `${options.id} leads`;
  const isNear = leaderHeardMs !== null && nowMs - leaderHeardMs < options.electionTimeoutMinMs;
  if (isNear) return `${options.id} hears its leader ${termLeader}`;
  return promise !== null && nowMs < promise.untilMs ? `${options.id} keeps its promise` : '';
}

/** The highest index that a majority of each half of the voters holds on disk, as a leader knows it. */
function quorumMatch(state: NodeState): number {
  const { role, disk } = state;
  if (role.kind !== 'leader') return 0;
  const { progress } = role;
  const ofHalf = role.halves.map((places) => {
    const matches = places.map(
      (place) => progress.at(place < 0 ? progress.length : place)?.matchIndex ?? disk.durableIndex,
    );
    return matches.toSorted((one, other) => other - one)[Math.floor(matches.length / 2)] ?? 0;
  });
  return Math.min(...ofHalf);
}

/** How far each peer, and itself, holds the log of a leader on disk; empty where there is no leader. */
function matchesOf({ role, disk }: NodeState): readonly number[] {
  if (role.kind !== 'leader') return [];
  return [disk.durableIndex, ...role.progress.map(({ matchIndex }) => matchIndex)];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
