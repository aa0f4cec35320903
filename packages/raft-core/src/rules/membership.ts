/**
 * Changes of who takes part: one at a time, each by way of a joint configuration where voters change, which whoever
 * leads then leaves by itself. Source: Raft §6; Diss. §4.3; R21, R22.
 */

import type { LogIndex } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import { SharedList } from '../basics/shared-list.ts';
import { isMember, isVoter, membersOf, type Configuration } from '../contract/configuration.ts';
import { placesOf } from '../state/leader-quorum.ts';
import { appendToLog, lastIndex, next, previous } from '../state/log.ts';
import {
  configurationIndexOf,
  configurationOf,
  leaderOf,
  oweResult,
  type Draft,
  type NodeState,
} from '../state/node-state.ts';
import { newProgress, type Progress } from '../state/progress.ts';
import { copyLeader, hasCommittedInTerm, type Leader, type LeaderDraft } from '../state/role.ts';
import { isWayOf, left, towards } from './membership-steps.ts';
import { refusalOf, type ChangeMembership } from './membership-refusal.ts';
import { becomeFollower } from './office.ts';

const NOTHING = new Uint8Array(0);

export function onChangeMembership(draft: Draft, change: ChangeMembership): void {
  const { ref, targets } = change;
  const { role } = draft;
  const leader = leaderOf(draft);
  if (role.kind !== 'leader')
    return oweResult(draft, ref, { outcome: 'refused', reason: 'not-leader', leader });
  const reason = refusalOf(draft, role, change);
  if (reason !== null) return oweResult(draft, ref, { outcome: 'refused', reason, leader });

  appendConfiguration(draft, role, towards(configurationOf(draft), targets)).changeRef = ref;
}

/**
 * At a flush: a configuration that is committed is acted upon, once. A joint one is left, whoever began it; after any
 * other the change that asked for it is done, and those that are gone are told and then left alone (R22, R26).
 */
export function settleConfiguration(draft: Draft): void {
  if (draft.role.kind !== 'leader') return;
  const index = configurationIndexOf(draft);
  if (index <= draft.role.settledIndex || !isSettled(draft, draft.role, index)) return;

  const configuration = configurationOf(draft);
  if (configuration.kind === 'joint') {
    appendConfiguration(draft, draft.role, left(configuration));
    return;
  }
  const leader = copyLeader(draft.role);
  draft.role = leader;
  leader.settledIndex = index;
  leader.commitNoticeDueMs = draft.nowMs;
  if (leader.changeRef !== null) {
    oweResult(draft, leader.changeRef, { outcome: 'committed', term: draft.currentTerm, index });
    leader.changeRef = null;
  }
  if (!isVoter(configuration, draft.options.id)) leader.farewellDueMs = draft.nowMs;
  else if (leader.progress.some(({ id }) => !isMember(configuration, id)))
    leader.farewellDueMs = draft.nowMs + draft.options.electionTimeoutMinMs;
}

/**
 * The configuration is committed, and its voters were sent the word of it: a leader outside of it goes (R25), and one
 * within speaks no more to who was removed (R26).
 */
export function sayFarewell(draft: Draft, leader: Leader): void {
  const configuration = configurationOf(draft);
  if (configurationIndexOf(draft) === leader.settledIndex && !isVoter(configuration, draft.options.id))
    return becomeFollower(draft, null);
  const staying = copyLeader(leader);
  staying.farewellDueMs = null;
  staying.progress = leader.progress.filter(({ id }) => isMember(configuration, id));
  staying.halves = placesOf(configuration, staying.progress, draft.options.id);
  draft.role = staying;
}

/** Is the configuration of entry `index` committed, by this leader's own count (Raft §5.4.2)? */
export function isSettled({ commitIndex }: NodeState, leader: Leader, index: LogIndex): boolean {
  return index <= commitIndex && hasCommittedInTerm(leader, commitIndex);
}

/** In force from here on: who is sent to and who is counted follow it. The next write or answer judges commit anew (R25). */
export function appendConfiguration(draft: Draft, before: Leader, configuration: Configuration): LeaderDraft {
  const inForce = configurationOf(draft);
  invariant(
    isSettled(draft, before, configurationIndexOf(draft)),
    'one-change-at-a-time',
    () => `${configurationIndexOf(draft)} is not committed`,
  );
  invariant(isWayOf(inForce, configuration), 'majorities-overlap', () => `from ${inForce.kind}`);
  const index = next(lastIndex(draft.log));
  const { currentTerm } = draft;
  draft.log = appendToLog(draft.log, [
    { index, term: currentTerm, kind: 'configuration', data: NOTHING, configuration },
  ]);
  const leader = copyLeader(before);
  draft.role = leader;
  leader.progress = progressIn(configuration, before.progress, index, draft);
  leader.halves = placesOf(configuration, leader.progress, draft.options.id);
  // Answers that were enough for the old voters are not for the new ones: all reads ask again (R16).
  const asked = leader.readRounds.flatMap(({ refs }) => refs);
  if (asked.length > 0) leader.waitingReads = SharedList.of([...asked, ...leader.waitingReads.slice()]);
  leader.readRounds = [];
  return leader;
}

/** In the order of the configuration, self left out; behind them those that are to hear that they are gone (R26). */
function progressIn(
  configuration: Configuration,
  before: readonly Progress[],
  index: LogIndex,
  { options, nowMs }: NodeState,
): readonly Progress[] {
  const ids = membersOf(configuration)
    .map(({ id }) => id)
    .filter((id) => id !== options.id);
  const members = ids.map(
    (id) => before.find((one) => one.id === id) ?? newProgress(id, previous(index), nowMs),
  );
  return [...members, ...before.filter(({ id }) => !ids.includes(id))];
}
