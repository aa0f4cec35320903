/** A follower takes its leader's entries. Source: Raft Figure 2 (AppendEntries, receiver), §5.3. */

import { logIndex, round, type LogIndex, type NodeId } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import type { Append, AppendRefusal, AppendReply } from '../contract/message.ts';
import type { Fault } from '../contract/status.ts';
import { truncateDisk } from '../state/disk.ts';
import { appendToLog, cutLog, lastAtOrBelow, lastIndex, termAt, type Log } from '../state/log.ts';
import { oweMessage, type Draft, type NodeState } from '../state/node-state.ts';
import { raiseCommit } from './commit.ts';
import { endFailOver } from './fail-over.ts';
import { adoptTerm, adoptsTerm, becomeFollower, drawElectionTimeout } from './office.ts';
import { blame } from './peer-faults.ts';
import { promise, withPromise } from './promise.ts';

const NO_ROUND = round(0);

/** What an append means for a log: entries from `newFrom` on are new, or the place where the logs part is elsewhere. */
type Comparison =
  | { readonly kind: 'fits'; readonly newFrom: LogIndex }
  | { readonly kind: 'parts' }
  | { readonly kind: 'conflicts-below-commit' };

export function onAppend(draft: Draft, from: NodeId, sent: Append): void {
  if (sent.term < draft.currentTerm) return tellTerm(draft, from);
  const message = aboveBase(draft.log, sent);

  // Before anything is believed, its term neither: a message that breaks the protocol changes nothing (R7).
  const comparison = compareAppend(draft.log, draft.commitIndex, message);
  const fault = faultOf(draft, from, message, comparison);
  if (fault !== null) return blame(draft, from, fault);

  heedLeader(draft, from, message);
  const promiseMs = promise(draft, from, message);
  if (comparison.kind !== 'fits') return refuse(draft, from, message, promiseMs);

  takeEntries(draft, message, comparison.newFrom);
  const matched = logIndex(message.prevIndex + message.entries.length);
  // Beyond `matched` our log may differ from the leader's: what it has committed there, we may not have (R7).
  const commit = message.commitIndex < matched ? message.commitIndex : matched;
  if (commit > draft.commitIndex) raiseCommit(draft, commit);
  if (message.entries.length === 0) oweHeartbeat(draft);
  const { round: echoed } = message;
  const reply: AppendReply = { kind: 'appendReply', term: draft.currentTerm, matched, round: echoed };
  oweMessage(draft, from, withPromise(reply, promiseMs));
}

/**
 * What the base stands for is committed, and so the same in the log of every leader: an append that begins before it says
 * as much as one that begins there.
 */
function aboveBase({ base }: Log, message: Append): Append {
  const { prevIndex, entries } = message;
  if (prevIndex >= base.index) return message;
  const known = base.index - prevIndex;
  // Of the leader's log, where the message tells it: another than ours would be a conflict.
  const prevTerm = entries[known - 1]?.term ?? base.term;
  return { ...message, prevIndex: base.index, prevTerm, entries: entries.slice(known) };
}

/** Compares without changing anything. Entries that are there already stay, and so does what follows them (§5.3). */
function compareAppend(log: Log, commitIndex: LogIndex, message: Append): Comparison {
  const { prevIndex, prevTerm, entries } = message;
  if (termAt(log, prevIndex) !== prevTerm) {
    return prevIndex <= commitIndex ? { kind: 'conflicts-below-commit' } : { kind: 'parts' };
  }
  const overlap = Math.min(lastIndex(log) - prevIndex, entries.length);
  for (let at = 0; at < overlap; at += 1) {
    const entry = entries[at];
    if (entry === undefined || termAt(log, entry.index) === entry.term) continue;
    return entry.index <= commitIndex
      ? { kind: 'conflicts-below-commit' }
      : { kind: 'fits', newFrom: entry.index };
  }
  return { kind: 'fits', newFrom: logIndex(prevIndex + overlap + 1) };
}

/** Removes entry `from` and all after it, from what counts as durable too (R4): the one way to remove entries. */
export function truncateLog(draft: Draft, from: LogIndex): void {
  invariant(draft.role.kind !== 'leader', 'leader-append-only', () => `truncation at ${from}`);
  invariant(
    from > draft.commitIndex,
    'truncate-above-commit',
    () => `${from}, committed ${draft.commitIndex}`,
  );
  draft.log = cutLog(draft.log, from);
  draft.disk = truncateDisk(draft.disk, from);
}

function faultOf(state: NodeState, from: NodeId, message: Append, comparison: Comparison): Fault | null {
  const isSecond =
    message.term === state.currentTerm && state.termLeader !== null && state.termLeader !== from;
  if (isSecond) return 'second-leader';
  return comparison.kind === 'conflicts-below-commit' ? 'conflict-below-commit' : null;
}

/** The sender leads this term: follow it, and count the election timeout from now, refused or not (R12). */
function heedLeader(draft: Draft, leader: NodeId, message: Append): void {
  if (adoptsTerm(draft, leader, message)) adoptTerm(draft, message.term, leader);
  if (draft.role.kind !== 'follower' || draft.role.leader !== leader) becomeFollower(draft, leader);
  if (draft.leaderHeardMs === null) drawElectionTimeout(draft);
  draft.termLeader = leader;
  draft.leaderHeardMs = draft.nowMs;
  draft.electionFromMs = draft.nowMs;
  endFailOver(draft);
}

function takeEntries(draft: Draft, message: Append, newFrom: LogIndex): void {
  const fresh = message.entries.slice(newFrom - message.prevIndex - 1);
  if (fresh.length === 0) return;
  if (newFrom <= lastIndex(draft.log)) truncateLog(draft, newFrom);
  draft.log = appendToLog(draft.log, fresh);
}

/** The answer will say at once that we are here, whatever it waits for. */
function oweHeartbeat(draft: Draft): void {
  if (draft.role.kind !== 'follower') return;
  const { leader, echoedRound } = draft.role;
  draft.role = { kind: 'follower', leader, echoedRound, isHeartbeatOwed: true };
}

/**
 * All that a stale leader needs to know. Its round is not echoed: should it lead our term by the time it hears this,
 * it would take the echo of an old round for one of a new round with the same number, and serve a stale read.
 */
function tellTerm(draft: Draft, to: NodeId): void {
  oweMessage(draft, to, { kind: 'roundReply', term: draft.currentTerm, round: NO_ROUND });
}

/** Names the last place where our log can agree with a log that has `prevTerm` at `prevIndex`. */
function refuse(draft: Draft, to: NodeId, message: Append, promiseMs: number): void {
  const { prevIndex, prevTerm } = message;
  const hintIndex = lastAtOrBelow(draft.log, prevIndex, prevTerm) ?? draft.log.base.index;
  const hintTerm = termAt(draft.log, hintIndex) ?? draft.log.base.term;
  const refusal: AppendRefusal = {
    kind: 'appendRefusal',
    term: draft.currentTerm,
    prevIndex,
    hintIndex,
    hintTerm,
    round: message.round,
  };
  oweMessage(draft, to, withPromise(refusal, promiseMs));
}
