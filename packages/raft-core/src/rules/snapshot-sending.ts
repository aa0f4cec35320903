/**
 * A peer that lacks what this leader's log no longer has is sent the snapshot in its place. Source: Raft §7; R33. Meanwhile
 * it hears heartbeats, which ask about the base: as soon as it holds that, it is sent entries again, whatever became of
 * the stream.
 */

import type { NodeId } from '../basics/brands.ts';
import { next, previous } from '../state/log.ts';
import { oweEffect, type Draft, type NodeState } from '../state/node-state.ts';
import { copyProgress, type Progress, type ProgressDraft } from '../state/progress.ts';
import { copyLeader } from '../state/role.ts';

/** To be called with a copy that is in the draft's role. */
export function sendSnapshot(draft: Draft, progress: ProgressDraft): void {
  const { base } = draft.log;
  progress.nextIndex = next(base.index);
  progress.flow = { kind: 'snapshot', giveUpAtMs: draft.nowMs + draft.options.snapshotTimeoutMs };
  oweEffect(draft, { kind: 'sendSnapshot', peer: progress.id, base });
}

/**
 * A peer that was told needs no more than a write to answer. Its refusals from before that may still be on their way: they
 * count for nothing until then, or it would be sent all of it again.
 */
export function onSnapshotSent(draft: Draft, peer: NodeId, isDelivered: boolean): void {
  const giveUpAtMs = isDelivered ? draft.nowMs + draft.options.electionTimeoutMaxMs : draft.nowMs;
  changeWhere(
    draft,
    ({ id, flow }) => id === peer && flow.kind === 'snapshot',
    (progress) => {
      progress.flow = { kind: 'snapshot', giveUpAtMs };
    },
  );
  endLateSnapshots(draft);
}

/** Taken for lost: the next heartbeat asks the peer where it is, and it is sent the snapshot again if it has to be. */
export function endLateSnapshots(draft: Draft): void {
  changeWhere(
    draft,
    ({ flow }) => flow.kind === 'snapshot' && draft.nowMs >= flow.giveUpAtMs,
    (progress) => {
      progress.flow = { kind: 'probing', sentThrough: previous(progress.nextIndex) };
    },
  );
}

/** When the first of them is taken for lost; `null` while none is under way. */
export function snapshotLostAtMs({ role }: NodeState): number | null {
  if (role.kind !== 'leader') return null;
  let earliestMs = Infinity;
  for (const { flow } of role.progress) {
    if (flow.kind === 'snapshot' && flow.giveUpAtMs < earliestMs) earliestMs = flow.giveUpAtMs;
  }
  return earliestMs === Infinity ? null : earliestMs;
}

function changeWhere(
  draft: Draft,
  isMeant: (progress: Progress) => boolean,
  change: (progress: ProgressDraft) => void,
): void {
  if (draft.role.kind !== 'leader' || !draft.role.progress.some(isMeant)) return;
  const leader = copyLeader(draft.role);
  leader.progress = leader.progress.map((known) => {
    if (!isMeant(known)) return known;
    const progress = copyProgress(known);
    change(progress);
    return progress;
  });
  draft.role = leader;
}
