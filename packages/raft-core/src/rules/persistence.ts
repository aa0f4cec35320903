/**
 * What a turn owes the disk, and which message waits for it. Source: Raft Figure 2 ("updated on stable storage before
 * responding"); Diss. §10.2.1 (the leader's write in parallel); rules R1 to R4, R8, R10.
 */

import { writeNumber, type NodeId, type WriteNumber } from '../basics/brands.ts';
import { assertNever, invariant } from '../basics/invariants.ts';
import { SharedList } from '../basics/shared-list.ts';
import type { Effect } from '../contract/effect.ts';
import type { AppendReply, Message } from '../contract/message.ts';
import type { HardState } from '../contract/record.ts';
import { handOut, persistThrough } from '../state/disk.ts';
import { lastIndex } from '../state/log.ts';
import type { Draft, NodeState, OwedMessage } from '../state/node-state.ts';
import { slice } from '../state/tail.ts';
import { advanceCommit } from './commit.ts';
import { countOwnVote } from './election.ts';
import { mergeReplies } from './owed-replies.ts';
import { withPromise } from './promise.ts';

const AT_ONCE = writeNumber(0);

export function onPersisted(draft: Draft, write: WriteNumber): void {
  draft.disk = persistThrough(draft.disk, write);
  const { durableIndex } = draft.disk;
  invariant(
    durableIndex <= lastIndex(draft.log),
    'durable-within-log',
    () => `${durableIndex} of ${lastIndex(draft.log)}`,
  );
  if (draft.role.kind === 'candidate') countOwnVote(draft);
  if (draft.role.kind === 'leader') advanceCommit(draft, draft.role);
}

/** Everything that is not yet handed out, as one write: a torn one is lost from some place on, never in the middle. */
export function persist(draft: Draft, effects: Effect[]): void {
  const { log, disk, nowMs } = draft;
  const { currentTerm, votedFor, commitIndex, promiseMs = 0 } = disk.handedState;
  const isPromiseNew =
    draft.currentTerm !== currentTerm || draft.votedFor !== votedFor || draft.promiseMs !== promiseMs;
  const truncateFrom = disk.dirtyFrom <= disk.handedThrough ? disk.dirtyFrom : null;
  const hasEntries = disk.dirtyFrom <= lastIndex(log);
  if (!isPromiseNew && !hasEntries && truncateFrom === null && disk.owedBase === null) return;

  // Else what is cut from the tail would not be what the log holds there.
  const { firstIndex } = log.tail;
  invariant(
    !hasEntries || disk.dirtyFrom >= firstIndex,
    'unwritten-in-tail',
    () => `from ${disk.dirtyFrom}, the tail begins at ${firstIndex}`,
  );
  const hardState = currentHardState(draft);
  const write = writeNumber(disk.lastWrite + 1);
  effects.push({
    kind: 'persist',
    write,
    // A moved commit index rides along, but is not worth a write of its own (R8).
    hardState: isPromiseNew || hardState.commitIndex !== commitIndex ? hardState : null,
    newBase: disk.owedBase === null ? null : { base: log.base, isLogKept: disk.owedBase === 'log-kept' },
    truncateFrom,
    entries: hasEntries ? slice(log.tail, disk.dirtyFrom, lastIndex(log)) : [],
  });
  draft.disk = handOut(disk, write, hardState, lastIndex(log), nowMs);
}

/** Sends what the turn's handlers decided to say, each message after the write that it speaks of. */
export function sendOwed(draft: Draft, effects: Effect[]): void {
  if (draft.owedMessages.length === 0) return;
  const owed = draft.owedMessages.slice();
  for (const { to, message } of mergeReplies(owed)) {
    if (message.kind === 'appendReply') echoRound(draft, to, message, effects);
    effects.push({ kind: 'send', to, message, afterWrite: afterWrite(draft, message) });
  }
  draft.owedMessages = SharedList.of<OwedMessage>([]);
}

/** The write that `message` waits for: the last one handed out, or none (R2). */
export function afterWrite(state: NodeState, message: Message): WriteNumber {
  const { lastWrite, persistedWrite } = state.disk;
  if (!waitsForDisk(state, message)) return AT_ONCE;
  return lastWrite > persistedWrite ? lastWrite : AT_ONCE;
}

/** Does `message` report what must be on disk before anyone may count on it (R2)? */
function waitsForDisk(state: NodeState, message: Message): boolean {
  switch (message.kind) {
    case 'voteRequest':
      return true;
    case 'voteReply':
      return message.isGranted;
    case 'appendReply': {
      const { durableIndex, durableTerm, lastWrite, persistedWrite } = state.disk;
      const isAhead = message.matched > durableIndex || message.term > durableTerm;
      invariant(
        !isAhead || lastWrite > persistedWrite,
        'reply-has-a-write',
        () => `matched ${message.matched}`,
      );
      return isAhead;
    }
    case 'append':
    case 'appendRefusal':
    case 'roundReply':
    case 'preVoteRequest':
    case 'preVoteReply':
    case 'removed':
    case 'timeoutNow':
    case 'readRequest':
    case 'readReply':
      return false;
    default:
      return assertNever(message);
  }
}

/**
 * A reply that waits for the disk sends its round ahead: a read must not wait for a follower's sync (R10). So does the
 * answer to a heartbeat: a slow disk must not look like a dead process.
 */
function echoRound(draft: Draft, to: NodeId, reply: AppendReply, effects: Effect[]): void {
  const { role, currentTerm } = draft;
  if (role.kind !== 'follower' || role.leader !== to || reply.term !== currentTerm) return;
  if (reply.round <= role.echoedRound && !role.isHeartbeatOwed) return;
  const echoedRound = reply.round > role.echoedRound ? reply.round : role.echoedRound;
  draft.role = { kind: 'follower', leader: role.leader, echoedRound, isHeartbeatOwed: false };
  if (afterWrite(draft, reply) === AT_ONCE) return;
  effects.push({
    kind: 'send',
    to,
    message: withPromise({ kind: 'roundReply', term: currentTerm, round: reply.round }, reply.promiseMs),
    afterWrite: AT_ONCE,
  });
}

/**
 * A commit index that the log of the same write covers, also when the write is torn (R8): where a snapshot begins the log
 * anew, that of the log before, which a torn write leaves.
 */
function currentHardState(state: NodeState): HardState {
  const { currentTerm, votedFor, commitIndex, disk, promiseMs } = state;
  const durable = commitIndex < disk.durableIndex ? commitIndex : disk.durableIndex;
  const handed = disk.handedState.commitIndex;
  const hardState = { currentTerm, votedFor, commitIndex: durable > handed ? durable : handed };
  return promiseMs === 0 ? hardState : { ...hardState, promiseMs };
}
