/**
 * The log forgets what a snapshot of this node holds as well. Source: Raft §7; R33. Any node may, at any time: all of it
 * was applied, and so is committed. A leader waits a while for peers that would need it, since entries cost less than a
 * snapshot.
 */

import type { LogIndex } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import { membersOf } from '../contract/configuration.ts';
import type { Base } from '../contract/record.ts';
import { keepDisk } from '../state/disk.ts';
import { baseIn, compactLog, configurationAt, next } from '../state/log.ts';
import type { Draft, NodeState } from '../state/node-state.ts';
import { copyProgress, type Progress } from '../state/progress.ts';
import { copyLeader, type Leader } from '../state/role.ts';

/** What a snapshot of all up to `index` stands for, which is at or above the log's base and at most its last index. */
export function baseAt(state: NodeState, index: LogIndex): Base {
  return baseIn(state.log, index);
}

/** There is a snapshot at `index`: from a next flush on the log may begin behind it. */
export function onCompacted(draft: Draft, index: LogIndex): void {
  const { appliedIndex, compaction, log, nowMs } = draft;
  invariant(index <= appliedIndex, 'compacted-was-applied', () => `${index}, applied ${appliedIndex}`);
  if (index <= log.base.index || (compaction !== null && index <= compaction.index)) return;
  // A node that joins has not learnt yet who takes part: nobody could start behind such a base, nor this node again.
  if (membersOf(configurationAt(log, index)).length === 0) return;
  draft.compaction = { index, sinceMs: compaction?.sinceMs ?? nowMs };
}

/** A peer holds the snapshot that it was sent: it is waited for anew, or it would find the log gone again behind that. */
export function waitAnew(draft: Draft): void {
  if (draft.compaction !== null) draft.compaction = { index: draft.compaction.index, sinceMs: draft.nowMs };
}

/** At a flush: the log begins behind the snapshot, unless a peer is still to be sent what that stands for. */
export function compact(draft: Draft): void {
  const { compaction, log } = draft;
  if (compaction === null || waitUntilMs(draft) !== null) return;
  draft.compaction = null;
  // One from a peer may have passed it meanwhile.
  if (compaction.index <= log.base.index) return;
  draft.log = compactLog(log, baseIn(log, compaction.index));
  draft.disk = keepDisk(draft.disk);
  if (draft.role.kind === 'leader') draft.role = withoutForgotten(draft.role, compaction.index);
}

/** Until when a compaction waits for peers; `null` where none does. Later than now. */
export function waitUntilMs({ compaction, role, nowMs, options }: NodeState): number | null {
  if (compaction === null || role.kind !== 'leader') return null;
  const { index, sinceMs } = compaction;
  const needsLog = ({ matchIndex, lastReplyMs }: Progress) =>
    matchIndex < index && nowMs - lastReplyMs < options.electionTimeoutMaxMs;
  const needing = role.progress.filter(needsLog);
  if (needing.length === 0) return null;
  // Who is sent a snapshot, and finds the log gone behind it, would be sent the next, and so on: it ends by its own deadline.
  const isReceiving = needing.some(({ flow }) => flow.kind === 'snapshot');
  const untilMs = sinceMs + (isReceiving ? options.snapshotTimeoutMs : options.compactionWaitMaxMs);
  return nowMs < untilMs ? untilMs : null;
}

/** What was to be sent next may be gone: whoever lacks it says so when asked about the base, and is sent the snapshot. */
function withoutForgotten(leader: Leader, baseIndex: LogIndex): Leader {
  if (leader.progress.every(({ nextIndex }) => nextIndex > baseIndex)) return leader;
  const copy = copyLeader(leader);
  copy.progress = leader.progress.map((known) => {
    if (known.nextIndex > baseIndex) return known;
    const progress = copyProgress(known);
    progress.nextIndex = next(baseIndex);
    if (known.flow.kind !== 'snapshot') progress.flow = { kind: 'probing', sentThrough: null };
    return progress;
  });
  return copy;
}
