/** Taking office, and what a leader appends. Source: Raft §5.2, §8 (no-op). */

import { invariant } from '../basics/invariants.ts';
import { membersOf, type Configuration } from '../contract/configuration.ts';
import type { DataEntry, Entry } from '../contract/entry.ts';
import { placesOf } from '../state/leader-quorum.ts';
import { appendOne, lastIndex, next } from '../state/log.ts';
import { configurationOf, type Draft } from '../state/node-state.ts';
import { newProgress } from '../state/progress.ts';
import { newLeader } from '../state/role.ts';
import { endFailOver } from './fail-over.ts';
import { newLease } from './lease.ts';

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
    newLease(draft.options),
  );
  draft.termLeader = id;
  draft.leaderHeardMs = null;
  endFailOver(draft);
  appendOwn(draft, 'no-op', last === 0 ? draft.options.clusterIdProposal : NOTHING);
}

/** A leader appends at the end of its log, in its own term, and nowhere else. Source: Raft Figure 3. */
export function appendOwn(draft: Draft, kind: DataEntry['kind'], data: Uint8Array): void {
  append(draft, { index: next(lastIndex(draft.log)), term: draft.currentTerm, kind, data });
}

/** A configuration, at the same place and in the same way. */
export function appendOwnConfiguration(draft: Draft, configuration: Configuration): void {
  const index = next(lastIndex(draft.log));
  append(draft, { index, term: draft.currentTerm, kind: 'configuration', data: NOTHING, configuration });
}

function append(draft: Draft, entry: Entry): void {
  const { role } = draft;
  const isTold = role.kind === 'leader' && role.transfer !== null && role.transfer.isTold;
  invariant(!isTold, 'complete-target', () => `${entry.kind} at ${entry.index}`);
  draft.log = appendOne(draft.log, entry);
}
