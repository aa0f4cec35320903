/**
 * A snapshot from a peer takes the place of the log up to its index, and of what the state machine holds. Source: Raft §7
 * (InstallSnapshot, receiver); R33. Its bytes are the host's: this speaks of what they stand for.
 */

import { round, type NodeId } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import type { Effect } from '../contract/effect.ts';
import type { Base } from '../contract/record.ts';
import { keepDisk, resetDisk } from '../state/disk.ts';
import { compactLog, emptyLog, termAt } from '../state/log.ts';
import { oweMessage, type Draft, type NodeState } from '../state/node-state.ts';
import { raiseCommit } from './commit.ts';
import { adoptTerm } from './office.ts';
import { blame, isWellFormedBase } from './peer-faults.ts';

/**
 * Only what is committed is in a snapshot, so it says the same whoever sends it and however late it comes. What is at or
 * below our commitIndex changes nothing, and our log says as much as it does.
 */
export function onSnapshotReceived(draft: Draft, from: NodeId, base: Base): void {
  if (!isWellFormedBase(base, draft.currentTerm)) return blame(draft, from, 'malformed-message');

  // Its last entry's term has begun, or it would not be committed.
  if (base.term > draft.currentTerm) adoptTerm(draft, base.term, null);
  // A leader holds all that is committed, and removes nothing of its log.
  if (draft.role.kind === 'leader') return;
  if (base.index > draft.commitIndex) takeBase(draft, base);
  // All that is committed stands in the log of whoever leads this term: it is a match (Raft §5.4). No round is echoed.
  const { currentTerm: term, commitIndex: matched } = draft;
  oweMessage(draft, from, { kind: 'appendReply', term, matched, round: round(0) });
}

/** At a flush: once what the base stands for is on this disk, and what was handed to the machine before is done (R4, R33). */
export function installBase(draft: Draft, effects: Effect[]): void {
  const { log, disk, handedApply, appliedIndex } = draft;
  if (disk.durableIndex < log.base.index || appliedIndex < handedApply) return;
  draft.handedApply = log.base.index;
  // What is being read for the machine, the snapshot holds.
  draft.applyFetchSinceMs = null;
  effects.push({ kind: 'installSnapshot', base: log.base });
}

/** Does the machine lack what only a snapshot holds? */
export function lacksBase({ handedApply, log }: NodeState): boolean {
  return handedApply < log.base.index;
}

/**
 * Entries above the base stay only where the log holds the base's own: else they follow something else (R33). What the disk
 * was not handed yet it writes anew behind the base: what is there at the base's index may follow something else still.
 */
function takeBase(draft: Draft, base: Base): void {
  const { log, disk } = draft;
  invariant(base.index > log.base.index, 'base-ascends', () => `${base.index} after ${log.base.index}`);
  // An answer of this turn may speak of what follows: it leaves after the write, which has to hold that (R2).
  const isHeld = termAt(log, base.index) === base.term;
  const isHanded = base.index < disk.dirtyFrom;
  draft.log = isHeld ? compactLog(log, base) : emptyLog(base);
  draft.disk = isHeld && isHanded ? keepDisk(disk) : resetDisk(disk, base.index);
  raiseCommit(draft, base.index);
}
