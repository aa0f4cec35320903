/**
 * What a leader owes its peers at a flush: a heartbeat when it is due; entries while the window allows, else a read
 * round, a moved commit index or the first word on a new connection, if one is owed. Source: Raft §5.3; pipelines Diss.
 * §10.2.2; rules R10, R13, R16.
 */

import { logIndex, writeNumber, type LogIndex, type NodeId } from '../basics/brands.ts';
import { assertNever, invariant } from '../basics/invariants.ts';
import type { Effect } from '../contract/effect.ts';
import type { Entry } from '../contract/entry.ts';
import type { Append } from '../contract/message.ts';
import { lastIndex, next, previous, stillInLog, termAt } from '../state/log.ts';
import { oweMessage, type Draft, type NodeState } from '../state/node-state.ts';
import { copyProgress, type Progress, type ProgressDraft } from '../state/progress.ts';
import { copyLeader, type Leader } from '../state/role.ts';
import { batchEnd, bytesThrough, slice } from '../state/tail.ts';
import { askedPromiseMs } from './lease.ts';

const AT_ONCE = writeNumber(0);
const NO_ENTRIES: readonly Entry[] = [];

/** Cuts batches; peers that need the same entries share one array. */
type Batcher = (from: LogIndex) => readonly Entry[];

export function sendAppends(draft: Draft, effects: Effect[]): void {
  const { role } = draft;
  if (role.kind !== 'leader') return;
  const isOwed = (known: Progress) => owesWord(draft, role, known) || isReadyForMore(draft, known);
  // Most flushes owe nobody anything: they change nothing, and copy nothing either.
  if (draft.nowMs >= role.heartbeatDueMs || role.progress.some(isOwed)) speak(draft, role, effects);
  noteCommit(draft);
}

function speak(draft: Draft, before: Leader, effects: Effect[]): void {
  const leader = copyLeader(before);
  draft.role = leader;
  const isHeartbeatDue = draft.nowMs >= leader.heartbeatDueMs;
  if (isHeartbeatDue) leader.heartbeatDueMs = draft.nowMs + draft.options.heartbeatMs;

  const batch = batcher(draft);
  leader.progress = leader.progress.map((known) => {
    const isWordOwed = isHeartbeatDue || owesWord(draft, leader, known);
    const isReady = isReadyForMore(draft, known);
    if (!isWordOwed && !isReady) return known;
    const progress = copyProgress(known);
    // Entries are answered after the peer's sync, the heartbeat ahead of them at once: else a slow disk would look like
    // a dead process where every heartbeat finds entries to send. A probe has the next heartbeat empty anyway (R10).
    const isBeatAhead = isHeartbeatDue && known.flow.kind === 'replicating';
    if (isBeatAhead) send(draft, leader, progress, NO_ENTRIES, effects);
    const isSpoken = isReady && sendEntries(draft, leader, progress, batch, effects);
    if (isWordOwed && !isSpoken && !isBeatAhead) send(draft, leader, progress, NO_ENTRIES, effects);
    return progress;
  });
}

/** A commit index that moved goes alone once no append has carried it for a while. */
function noteCommit(draft: Draft): void {
  const { role } = draft;
  if (role.kind !== 'leader') return;
  const { commitNoticeDueMs } = role;
  const isNoticeOwed = role.progress.some((progress) => owesNotice(draft, progress));
  const dueMs = isNoticeOwed ? (commitNoticeDueMs ?? draft.nowMs + draft.options.commitNoticeMs) : null;
  if (dueMs === commitNoticeDueMs) return;
  const leader = copyLeader(role);
  leader.commitNoticeDueMs = dueMs;
  draft.role = leader;
}

/** Entries read from the disk go to the peer that needs them: one batch at a time, as a probe. */
export function onFetchedForPeer(
  draft: Draft,
  peer: NodeId,
  from: LogIndex,
  entries: readonly Entry[],
): void {
  if (draft.role.kind !== 'leader') return;
  const at = draft.role.progress.findIndex((one) => one.id === peer);
  const known = draft.role.progress[at];
  if (known === undefined || known.flow.kind !== 'fetching' || known.flow.from !== from) return;

  const leader = copyLeader(draft.role);
  const progress = copyProgress(known);
  leader.progress = leader.progress.with(at, progress);
  draft.role = leader;
  // Where nothing could be read, the next heartbeat finds the peer at the same place, and it is asked for again.
  const current = stillInLog(draft.log, from, entries);
  progress.flow = { kind: 'probing', sentThrough: endOf(from, current) };
  if (current.length > 0) oweMessage(draft, peer, nextAppend(draft, leader, progress, current));
}

/** Are there entries for the peer, and is nothing under way that has to come back first? */
function isReadyForMore({ log }: NodeState, { flow, nextIndex }: Progress): boolean {
  if (nextIndex > lastIndex(log)) return false;
  switch (flow.kind) {
    case 'probing':
      return flow.sentThrough === null;
    case 'replicating':
      // What left the tail is read for the peer, and goes as a probe: beside a window that would be one append more.
      return nextIndex >= log.tail.firstIndex || flow.inFlight.length === 0;
    case 'fetching':
    case 'snapshot':
      return false;
    default:
      return assertNever(flow);
  }
}

/** Sends entries while the window allows, or asks the disk for them. Says whether the peer was spoken to. */
function sendEntries(
  state: NodeState,
  leader: Leader,
  progress: ProgressDraft,
  batch: Batcher,
  effects: Effect[],
): boolean {
  const { flow } = progress;
  if (progress.nextIndex < state.log.tail.firstIndex) {
    effects.push(fetchFor(state, progress));
    progress.flow = { kind: 'fetching', from: progress.nextIndex, sinceMs: state.nowMs };
    return false;
  }
  if (flow.kind === 'replicating') return stream(state, leader, progress, flow.inFlight, batch, effects);
  const entries = batch(progress.nextIndex);
  send(state, leader, progress, entries, effects);
  progress.flow = { kind: 'probing', sentThrough: endOf(progress.nextIndex, entries) };
  return true;
}

function stream(
  state: NodeState,
  leader: Leader,
  progress: ProgressDraft,
  underWay: readonly LogIndex[],
  batch: Batcher,
  effects: Effect[],
): boolean {
  const { tail } = state.log;
  const { appendBytesMax, inFlightAppendsMax, inFlightBytesMax } = state.options;
  const inFlight = [...underWay];
  while (progress.nextIndex <= lastIndex(state.log) && inFlight.length < inFlightAppendsMax) {
    const through = batchEnd(tail, progress.nextIndex, appendBytesMax);
    const bytes = bytesThrough(tail, through) - bytesThrough(tail, progress.matchIndex);
    // What left the tail cannot be counted any more: then all that is under way has to arrive first.
    const isFull = bytes > inFlightBytesMax || progress.matchIndex < tail.firstIndex - 1;
    if (isFull && inFlight.length > 0) break;
    send(state, leader, progress, batch(progress.nextIndex), effects);
    progress.nextIndex = next(through);
    inFlight.push(through);
  }
  invariant(
    inFlight.length <= inFlightAppendsMax,
    'window-within-limits',
    () => `${progress.id}: ${inFlight.length}`,
  );
  if (inFlight.length === underWay.length) return false;
  progress.flow = { kind: 'replicating', inFlight };
  return true;
}

function send(
  state: NodeState,
  leader: Leader,
  progress: ProgressDraft,
  entries: readonly Entry[],
  effects: Effect[],
): void {
  const message = nextAppend(state, leader, progress, entries);
  effects.push({ kind: 'send', to: progress.id, message, afterWrite: AT_ONCE });
}

/** The append of `entries` at `nextIndex`. An empty one names the last entry sent, so that a loss is found (R10). */
function nextAppend(
  state: NodeState,
  leader: Leader,
  progress: ProgressDraft,
  entries: readonly Entry[],
): Append {
  const prevIndex = previous(progress.nextIndex);
  const prevTerm = termAt(state.log, prevIndex);
  invariant(prevTerm !== null, 'next-within-log', () => `${progress.id}: next ${progress.nextIndex}`);
  progress.isNewlyConnected = false;
  progress.sentRound = leader.round;
  progress.sentCommit = heardCommit(state, logIndex(prevIndex + entries.length));
  const { currentTerm, commitIndex } = state;
  const append: Append = {
    kind: 'append',
    term: currentTerm,
    prevIndex,
    prevTerm,
    entries,
    commitIndex,
    round: leader.round,
  };
  const promiseMs = askedPromiseMs(state, leader);
  return promiseMs === 0 ? append : { ...append, promiseMs };
}

/** Is there something to tell the peer now, entries or not? */
function owesWord(state: NodeState, leader: Leader, progress: Progress): boolean {
  return (
    progress.isNewlyConnected || progress.sentRound < leader.round || isNoticeDue(state, leader, progress)
  );
}

function isNoticeDue(state: NodeState, leader: Leader, progress: Progress): boolean {
  const { commitNoticeDueMs } = leader;
  return commitNoticeDueMs !== null && state.nowMs >= commitNoticeDueMs && owesNotice(state, progress);
}

/** Would the peer take over a higher commitIndex, were it told? */
function owesNotice(state: NodeState, progress: Progress): boolean {
  return (
    progress.flow.kind === 'replicating' &&
    progress.sentCommit < heardCommit(state, previous(progress.nextIndex))
  );
}

/** What a peer takes over from an append that vouches for entries up to `through`. */
function heardCommit(state: NodeState, through: LogIndex): LogIndex {
  return state.commitIndex < through ? state.commitIndex : through;
}

/** The last of `entries`, which begin at `from`; the one before `from` where there are none. */
function endOf(from: LogIndex, entries: readonly Entry[]): LogIndex {
  return logIndex(from + entries.length - 1);
}

function fetchFor(state: NodeState, progress: Progress): Effect {
  const { tail } = state.log;
  const { appendBytesMax: bytesMax } = state.options;
  return {
    kind: 'fetch',
    peer: progress.id,
    from: progress.nextIndex,
    through: previous(tail.firstIndex),
    bytesMax,
  };
}

function batcher({ log: { tail }, options: { appendBytesMax } }: NodeState): Batcher {
  // Peers are at few places: mostly all at one.
  const batches: (readonly Entry[])[] = [];
  return (from) => {
    let entries = batches.find(([first]) => first?.index === from);
    if (entries === undefined) {
      entries = slice(tail, from, batchEnd(tail, from, appendBytesMax));
      batches.push(entries);
    }
    return entries;
  };
}
