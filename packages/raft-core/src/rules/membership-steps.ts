/** Which configuration follows which. Source: Raft §6 (joint consensus); Diss. §4.3; R21, R25. */

import type { NodeId } from '../basics/brands.ts';
import {
  includesId,
  membersOf,
  type Configuration,
  type JointConfiguration,
  type Member,
  type MembershipTargets,
  type SimpleConfiguration,
} from '../contract/configuration.ts';

/** The first step from `current`, which is not joint, to `targets`: their own where the voters stay the same. */
export function towards(current: Configuration, targets: MembershipTargets): Configuration {
  const outgoing = current.kind === 'simple' ? current.voters : current.incoming;
  const asked = { learners: targets.learners, removed: removedBy(current, targets) };
  if (areSameVoters(outgoing, targets.voters)) return { kind: 'simple', voters: targets.voters, ...asked };
  return { kind: 'joint', incoming: targets.voters, outgoing, ...asked };
}

/** The configuration that a joint one leads to. */
export function left({ incoming, learners, removed }: JointConfiguration): SimpleConfiguration {
  return { kind: 'simple', voters: incoming, learners, removed };
}

/** Does every majority of `to` share a voter with every majority of `from`? */
export function isWayOf(from: Configuration, to: Configuration): boolean {
  if (from.kind === 'joint') return to.kind === 'simple' && areSameVoters(from.incoming, to.voters);
  return areSameVoters(from.voters, to.kind === 'joint' ? to.outgoing : to.voters);
}

function removedBy(current: Configuration, { voters, learners }: MembershipTargets): readonly NodeId[] {
  const toCome = [...voters, ...learners];
  const gone = membersOf(current).filter(({ id }) => !includesId(toCome, id));
  return gone.length === 0 ? current.removed : [...current.removed, ...gone.map(({ id }) => id)];
}

function areSameVoters(some: readonly Member[], others: readonly Member[]): boolean {
  return some.length === others.length && some.every(({ id }) => includesId(others, id));
}
