/** Which changes of membership a leader does not begin. Source: Raft §6; Diss. §4.2.1; R21, R23, R25. */

import { includesId, isVoter, votersOf, type Member } from '../contract/configuration.ts';
import type { RefusalReason } from '../contract/effect.ts';
import type { Input } from '../contract/input.ts';
import { configurationFault } from '../contract/well-formed-configuration.ts';
import { lastIndex } from '../state/log.ts';
import { configurationIndexOf, configurationOf, type NodeState } from '../state/node-state.ts';
import { hasCommittedInTerm, type Leader } from '../state/role.ts';
import { towards } from './membership-steps.ts';

export type ChangeMembership = Extract<Input, { kind: 'changeMembership' }>;

/** Why `change` is refused, or `null` where it may begin. */
export function refusalOf(state: NodeState, leader: Leader, change: ChangeMembership): RefusalReason | null {
  const index = configurationIndexOf(state);
  if (change.ifIndex !== null && change.ifIndex !== index) return 'configuration-changed';
  if (isChanging(state, leader)) return 'membership-is-changing';
  if (!hasCommittedInTerm(leader, state.commitIndex)) return 'term-not-committed';
  return refusalOfTargets(state, change) ?? refusalOfVoters(state, leader, change);
}

/** Two changes at once could have majorities that share nobody, and so could one atop another that is rolled back. */
function isChanging(state: NodeState, { changeRef }: Leader): boolean {
  const configuration = configurationOf(state);
  if (configuration.kind === 'joint' || configurationIndexOf(state) > state.commitIndex) return true;
  // The change is done, but not yet answered; or this leader is none of its voters, and about to go.
  return changeRef !== null || !isVoter(configuration, state.options.id);
}

function refusalOfTargets(state: NodeState, { targets }: ChangeMembership): RefusalReason | null {
  const { voters, learners } = targets;
  const { removed } = configurationOf(state);
  if (removed.some((id) => includesId(voters, id) || includesId(learners, id))) return 'id-was-removed';
  const fault = configurationFault(towards(configurationOf(state), targets));
  return fault === null ? null : 'invalid-targets';
}

/** A change that cannot be committed cannot be undone either: better not to begin it (R23). */
function refusalOfVoters(
  state: NodeState,
  leader: Leader,
  { targets, force }: ChangeMembership,
): RefusalReason | null {
  const outgoing = votersOf(configurationOf(state));
  const entering = targets.voters.filter(({ id }) => !includesId(outgoing, id));
  if (!force && !entering.every((member) => hasCaughtUp(state, leader, member))) return 'not-caught-up';
  const isLive = [targets.voters, outgoing].every((voters) => isMajorityHeard(state, leader, voters));
  return isLive ? null : 'no-live-quorum';
}

/** A match above 0 was told in this leadership: a new learner of a short log has not caught up by being short. */
function hasCaughtUp(state: NodeState, leader: Leader, { id }: Member): boolean {
  const match = leader.progress.find((progress) => progress.id === id)?.matchIndex ?? 0;
  return match > 0 && lastIndex(state.log) - match <= state.options.catchUpEntriesMax;
}

function isMajorityHeard(state: NodeState, leader: Leader, voters: readonly Member[]): boolean {
  return voters.filter((member) => isHeard(state, leader, member)).length * 2 > voters.length;
}

/** Without a match it may never have been there: its last reply is then only when it was first sent to. */
function isHeard({ options, nowMs }: NodeState, { progress }: Leader, { id }: Member): boolean {
  if (id === options.id) return true;
  const known = progress.find((one) => one.id === id);
  if (known === undefined || known.matchIndex === 0) return false;
  return nowMs - known.lastReplyMs < options.electionTimeoutMaxMs;
}
