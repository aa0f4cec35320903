/** Taking office, and what a leader appends. Source: Raft §5.2, §8 (no-op). */

import { membersOf } from '../contract/configuration.ts';
import type { DataEntry } from '../contract/entry.ts';
import { placesOf } from '../state/leader-quorum.ts';
import { appendToLog, lastIndex, next } from '../state/log.ts';
import { configurationOf, type Draft } from '../state/node-state.ts';
import { newProgress } from '../state/progress.ts';
import { newLeader } from '../state/role.ts';
import { endFailOver } from './fail-over.ts';

const NOTHING = new Uint8Array(0);

/** Entries of earlier terms are committed beneath the no-op; the cluster's first one names the cluster (R27). */
export function becomeLeader(draft: Draft): void {
  const { id } = draft.options;
  const last = lastIndex(draft.log);
  const configuration = configurationOf(draft);
  const peers = membersOf(configuration).filter((member) => member.id !== id);
  const progress = peers.map((peer) => newProgress(peer.id, last, draft.nowMs));
  draft.role = newLeader(
    next(last),
    { progress, halves: placesOf(configuration, progress, id) },
    draft.nowMs,
  );
  draft.termLeader = id;
  draft.leaderHeardMs = null;
  endFailOver(draft);
  appendOwn(draft, 'no-op', last === 0 ? draft.options.clusterIdProposal : NOTHING);
}

/** A leader appends at the end of its log, in its own term, and nowhere else. Source: Raft Figure 3. */
export function appendOwn(draft: Draft, kind: DataEntry['kind'], data: Uint8Array): void {
  const index = next(lastIndex(draft.log));
  draft.log = appendToLog(draft.log, [{ index, term: draft.currentTerm, kind, data }]);
}
