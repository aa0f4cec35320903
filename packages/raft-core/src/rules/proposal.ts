/** Requests to replicate a command, and how each ends. Source: Raft §5.3, §8. */

import type { LogIndex, Ref } from '../basics/brands.ts';
import type { Effect } from '../contract/effect.ts';
import { dataBytes } from '../contract/entry.ts';
import { lastIndex, type Log } from '../state/log.ts';
import { leaderOf, oweResult, type Draft } from '../state/node-state.ts';
import { copyLeader } from '../state/role.ts';
import { bytesThrough } from '../state/tail.ts';
import { appendOwn } from './leadership.ts';

export function onPropose(draft: Draft, ref: Ref, data: Uint8Array): void {
  const { role, options } = draft;
  const leader = leaderOf(draft);
  if (role.kind !== 'leader')
    return oweResult(draft, ref, { outcome: 'refused', reason: 'not-leader', leader });

  // What came now, the target would lack: it would never catch up, or lose its election (Diss. §3.10).
  if (role.transfer !== null) {
    const { target } = role.transfer;
    return oweResult(draft, ref, { outcome: 'refused', reason: 'transferring', leader: target });
  }
  const waiting = uncommittedBytes(draft.log, draft.commitIndex);
  // An idle leader takes an entry of any size, or one above the quota could never be replicated.
  if (waiting > 0 && waiting + dataBytes(data) > options.uncommittedBytesMax) {
    return oweResult(draft, ref, { outcome: 'refused', reason: 'too-many-uncommitted-bytes', leader });
  }
  appendOwn(draft, 'command', data);
  const next = copyLeader(role);
  next.proposals = role.proposals.append({ ref, index: lastIndex(draft.log) });
  draft.role = next;
}

/** At a flush: proposals at or below the commit index are committed. */
export function settleProposals(draft: Draft, effects: Effect[]): void {
  if (draft.role.kind !== 'leader') return;
  const { proposals } = draft.role;
  let settled = 0;
  for (; settled < proposals.length; settled += 1) {
    const { ref, index } = proposals.at(settled);
    if (index > draft.commitIndex) break;
    effects.push({ kind: 'result', ref, outcome: 'committed', term: draft.currentTerm, index });
  }
  if (settled === 0) return;
  const leader = copyLeader(draft.role);
  leader.proposals = proposals.dropFirst(settled);
  draft.role = leader;
}

function uncommittedBytes(log: Log, commitIndex: LogIndex): number {
  return bytesThrough(log.tail, lastIndex(log)) - bytesThrough(log.tail, commitIndex);
}
