/** What is handed to the state machine, and what memory keeps. Source: Raft §5.3 (lastApplied); R4, R5; DESIGN §2. */

import { logIndex, type LogIndex } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import type { Effect } from '../contract/effect.ts';
import type { Entry } from '../contract/entry.ts';
import { forgetBefore, lastIndex, next, previous, stillInLog } from '../state/log.ts';
import { oweEffect, type Draft, type NodeState } from '../state/node-state.ts';
import { batchEnd, bytesThrough, slice } from '../state/tail.ts';
import { installBase, lacksBase } from './install-snapshot.ts';

/** Of the entries that may be kept, this part goes at once where there are too many. */
const TRIM_SHARE = 64;

export function onApplied(draft: Draft, index: LogIndex): void {
  invariant(
    index <= draft.handedApply,
    'applied-within-handed',
    () => `${index}, handed out ${draft.handedApply}`,
  );
  if (index > draft.appliedIndex) draft.appliedIndex = index;
}

/** Entries that left the tail before they were applied, read from the disk again. */
export function onFetchedToApply(draft: Draft, from: LogIndex, entries: readonly Entry[]): void {
  if (draft.applyFetchSinceMs === null || from !== next(draft.handedApply)) return;
  draft.applyFetchSinceMs = null;
  const current = stillInLog(draft.log, from, entries);
  if (current.length > 0) oweEffect(draft, handToApply(draft, current));
}

/** At a flush: what is committed and on this disk goes to the state machine, from the tail or by way of the disk. */
export function applyCommitted(draft: Draft, effects: Effect[]): void {
  if (lacksBase(draft)) return installBase(draft, effects);
  // The base was handed out, and is not in the machine yet: entries wait here and not there (R33).
  if (draft.appliedIndex < draft.log.base.index) return;
  const through = applicable(draft);
  const from = next(draft.handedApply);
  if (from > through || draft.applyFetchSinceMs !== null) return;
  const { tail } = draft.log;
  if (from >= tail.firstIndex) {
    const end = pageEnd(draft, from, through);
    if (end >= from) effects.push(handToApply(draft, slice(tail, from, end)));
    return;
  }
  // The machine first: a restart must not read the whole log into memory ahead of it.
  if (draft.appliedIndex < draft.handedApply) return;
  draft.applyFetchSinceMs = draft.nowMs;
  const last = through < tail.firstIndex ? through : previous(tail.firstIndex);
  const { appendBytesMax, applyBytesMax } = draft.options;
  const bytesMax = Math.min(appendBytesMax, applyBytesMax);
  effects.push({ kind: 'fetch', peer: null, from, through: last, bytesMax });
}

/**
 * Where the entries that may be handed out from the tail end, below `from` where none may: a backlog is not put into one
 * call of the machine, which would stand still for all else meanwhile. One entry always fits an idle machine.
 */
function pageEnd(
  { appliedIndex, log: { tail }, options }: NodeState,
  from: LogIndex,
  through: LogIndex,
): LogIndex {
  const none = previous(from);
  const isIdle = appliedIndex === none;
  // A page that was read from the disk is not in the tail, and not counted: it is one at most.
  const room = options.applyBytesMax - (bytesThrough(tail, none) - bytesThrough(tail, appliedIndex));
  if (!isIdle && bytesThrough(tail, from) - bytesThrough(tail, none) > room) return none;
  const end = batchEnd(tail, from, room);
  return end < through ? end : through;
}

/**
 * What nothing here needs any more leaves the tail, as far as it exceeds the bounds. What a peer has not matched stays
 * longer, but not without end: a peer whose disk stands still answers read rounds, and would hold the log in memory.
 */
export function trimLog(draft: Draft): void {
  const { tail } = draft.log;
  const { tailEntriesMax, tailBytesMax, peerTailBytesMax } = draft.options;
  const last = lastIndex(draft.log);
  const excess = last - tail.firstIndex + 1 - tailEntriesMax;
  const bytes = bytesThrough(tail, last) - tail.bytesBefore;
  if (excess <= 0 && bytes <= tailBytesMax && bytes <= peerTailBytesMax) return;
  // What is not on its way to the disk is not applied either: this keeps it, too.
  const here = next(draft.appliedIndex);
  const peers = Math.min(here, firstNeededByPeers(draft));
  const bytesFrom = (index: number) => bytesThrough(tail, last) - bytesThrough(tail, logIndex(index - 1));

  // Some more than have to go, so that not each commit has to let one go.
  const more = Math.floor(tailEntriesMax / TRIM_SHARE);
  let from = Math.min(peers, excess > 0 ? tail.firstIndex + excess + more : tail.firstIndex);
  while (from < peers && bytesFrom(from) > tailBytesMax) from += 1;
  while (from < here && bytesFrom(from) > peerTailBytesMax) from += 1;
  if (from > tail.firstIndex) draft.log = forgetBefore(draft.log, logIndex(from));
}

/** `entries`, at least one, follow what was handed out before. */
export function handToApply(draft: Draft, entries: readonly Entry[]): Effect {
  const through = logIndex(draft.handedApply + entries.length);
  invariant(through <= applicable(draft), 'apply-durable', () => `${through}, allowed ${applicable(draft)}`);
  const { appliedIndex, log } = draft;
  invariant(
    appliedIndex >= log.base.index,
    'apply-behind-base',
    () => `${through}, the machine is at ${appliedIndex}, the base at ${log.base.index}`,
  );
  draft.handedApply = through;
  return { kind: 'apply', entries };
}

/** Committed elsewhere is not enough: after a crash this node must find again what its machine has seen (R4). */
function applicable({ commitIndex, disk }: NodeState): LogIndex {
  return commitIndex < disk.durableIndex ? commitIndex : disk.durableIndex;
}

/**
 * The first entry that a peer still needs from the tail. A peer that catches up through the disk holds the tail where
 * it is, as long as it answers: else the tail would have moved on by the time it arrives, and it would never stream.
 */
function firstNeededByPeers({ role, log, nowMs, options }: NodeState): number {
  if (role.kind !== 'leader') return Infinity;
  let first = Infinity;
  for (const { flow, matchIndex, lastReplyMs } of role.progress) {
    if (flow.kind === 'replicating') first = Math.min(first, matchIndex + 1);
    else if (nowMs - lastReplyMs < options.electionTimeoutMinMs) first = Math.min(first, log.tail.firstIndex);
  }
  return first;
}
