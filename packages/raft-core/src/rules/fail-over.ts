/**
 * Fast fail-over: a voter that was told that its leader's process is gone campaigns after a short random wait instead
 * of an election timeout. Votes and terms are as ever, so a wrong hint costs an election, never data. Source: R14.
 */

import type { NodeId } from '../basics/brands.ts';
import { drawBetween, type Draft, type NodeState } from '../state/node-state.ts';
import { follower } from '../state/role.ts';
import { mayCampaign } from './candidacy.ts';

/** The process of `peer` is believed to be gone. At most one hint counts per longest election timeout. */
export function onProcessGone(draft: Draft, peer: NodeId): void {
  const { role, options, nowMs, hintedMs } = draft;
  if (role.kind !== 'follower' || role.leader !== peer || !mayCampaign(draft)) return;
  if (hintedMs !== null && nowMs - hintedMs < options.electionTimeoutMaxMs) return;

  draft.role = follower(null);
  draft.leaderHeardMs = null;
  draft.hintedMs = nowMs;
  const spanMs = options.heartbeatMs / 2;
  draft.failOver = { spanMs, dueMs: nowMs + drawBetween(draft, 0, spanMs) };
}

export function isFailOverDue(state: NodeState): boolean {
  const dueMs = state.failOver?.dueMs ?? null;
  return dueMs !== null && state.nowMs >= dueMs;
}

/** This node campaigns: its next wait may be twice as long, up to where the election timeout takes over. */
export function lengthenWait(draft: Draft): void {
  if (draft.failOver === null) return;
  const spanMs = draft.failOver.spanMs * 2;
  if (spanMs >= draft.options.electionTimeoutMinMs) {
    draft.failOver = null;
    return;
  }
  draft.failOver = { spanMs, dueMs: null };
  beginWait(draft);
}

/** Another was granted a pre-vote: it comes first. A candidate whose wait has not begun goes on without. */
export function restartWait(draft: Draft): void {
  if (draft.failOver?.dueMs !== null) beginWait(draft);
}

/** From the upper half of the span only: a wait near zero would cut off the campaign just begun. */
export function beginWait(draft: Draft): void {
  if (draft.failOver === null) return;
  const { spanMs } = draft.failOver;
  draft.failOver = { spanMs, dueMs: draft.nowMs + drawBetween(draft, spanMs / 2, spanMs) };
}

/** A candidate waits from when its own vote is on disk: before that, nobody was asked. */
export function suspendWait(draft: Draft): void {
  if (draft.failOver !== null) draft.failOver = { spanMs: draft.failOver.spanMs, dueMs: null };
}

/** No candidate any more, though its own vote never came to be on disk: the wait that began with that begins now. */
export function resumeWait(draft: Draft): void {
  if (draft.failOver?.dueMs === null) beginWait(draft);
}

/** A leader spoke, or this node voted for one: the hint has served. */
export function endFailOver(draft: Draft): void {
  draft.failOver = null;
}
