/** Changes of membership that a seed asks for, and what they must come to. */

import {
  isMember,
  membersOf,
  type Configuration,
  type Member,
  type MembershipTargets,
  type NodeId,
} from '../src/index.ts';
import type { Chance } from './cluster-chance.ts';

const NO_DATA = new Uint8Array(0);

/** Of the nodes `ids`, those that are not in yet may come in; who is removed never comes again. */
export function anyTargets(
  chance: Chance,
  configuration: Configuration,
  ids: readonly NodeId[],
): MembershipTargets {
  const { learners } = configuration;
  const voters = configuration.kind === 'simple' ? configuration.voters : configuration.incoming;
  const spares = ids.filter((id) => !isMember(configuration, id) && !configuration.removed.includes(id));
  const some = (members: readonly Member[], share: number) => members.filter(() => chance.chance(share));
  const coming = spares.filter(() => chance.chance(0.4)).map((id) => ({ id, data: NO_DATA }));
  const rising = some(learners, 0.8);
  const rest = learners.filter((learner) => !rising.includes(learner));
  const gone = some(voters, 0.15);
  const staying = voters.filter((voter) => !gone.includes(voter));
  const sinking = some(staying, 0.2);
  const kept = staying.filter((voter) => !sinking.includes(voter));
  return chance.pick<MembershipTargets>([
    { voters, learners: [...learners, ...coming] },
    { voters, learners: [...learners, ...coming] },
    { voters: [...voters, ...rising], learners: rest },
    { voters: [...rising, ...voters], learners: rest },
    { voters: [...staying, ...rising], learners: rest },
    { voters: kept, learners: [...learners, ...sinking] },
    { voters: [...rising, ...kept], learners: [...rest, ...sinking, ...coming] },
    { voters, learners },
  ]);
}

/** Is `configuration` what was asked for? */
export function isAsked(configuration: Configuration, { voters, learners }: MembershipTargets): boolean {
  if (configuration.kind === 'joint') return false;
  return (
    namesOf(configuration.voters) === namesOf(voters) &&
    namesOf(configuration.learners) === namesOf(learners) &&
    membersOf(configuration).length === voters.length + learners.length
  );
}

function namesOf(members: readonly Member[]): string {
  return members.map(({ id }) => id).join();
}
