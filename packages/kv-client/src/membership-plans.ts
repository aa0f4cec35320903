/** From the members that there are to those that there are to be, for the changes that operators make most. */

import type { ClusterMember, Membership } from '@raftkv/kv-protocol';
import { InvalidArgumentError } from './errors.ts';
import type { MembershipChange, MemberTarget } from './membership-arguments.ts';

/** @throws {InvalidArgumentError} where it is a voter: it would lose its vote. */
export function withLearner({ members }: Membership, learner: MemberTarget): MembershipChange {
  if (roleOf(members, learner.id) === 'voter') {
    throw new InvalidArgumentError(`${learner.id} is a voter already: it receives the log`);
  }
  const others = members.filter(({ id }) => id !== learner.id);
  return { voters: ofRole(others, 'voter'), learners: [...ofRole(others, 'learner'), learner] };
}

/** @throws {InvalidArgumentError} where it is no member. */
export function withVoter({ members }: Membership, id: string): MembershipChange {
  if (roleOf(members, id) === null) {
    throw new InvalidArgumentError(`${id} is no member: add it as a learner first`);
  }
  const others = members.filter((member) => member.id !== id);
  return { voters: [...ofRole(others, 'voter'), { id }], learners: ofRole(others, 'learner') };
}

export function withoutMember({ members }: Membership, id: string): MembershipChange {
  const others = members.filter((member) => member.id !== id);
  return { voters: ofRole(others, 'voter'), learners: ofRole(others, 'learner') };
}

/**
 * `as-learner` is the step before `in-place`. What is done already stays as it is, so that a replacement can be repeated.
 *
 * @throws {InvalidArgumentError} where there is nobody to replace, and the other is not in that place.
 */
export function withReplacement(
  now: Membership,
  oldId: string,
  coming: MemberTarget,
  step: 'as-learner' | 'in-place',
): MembershipChange {
  const [oldRole, newRole] = [roleOf(now.members, oldId), roleOf(now.members, coming.id)];
  if (oldRole === null && newRole === null) {
    throw new InvalidArgumentError(`${oldId} is no member: there is nothing to replace`);
  }
  if (step === 'as-learner') return newRole === null ? withLearner(now, coming) : unchanged(now);
  const added = oldRole === 'voter' ? withVoter(now, coming.id) : unchanged(now);
  const isOther = ({ id }: MemberTarget): boolean => id !== oldId;
  return { voters: added.voters.filter(isOther), learners: (added.learners ?? []).filter(isOther) };
}

function unchanged({ members }: Membership): MembershipChange {
  return { voters: ofRole(members, 'voter'), learners: ofRole(members, 'learner') };
}

function roleOf(members: readonly ClusterMember[], id: string): ClusterMember['role'] | null {
  return members.find((member) => member.id === id)?.role ?? null;
}

/** By their names alone: where they are is known, and stays so. */
function ofRole(members: readonly ClusterMember[], role: ClusterMember['role']): readonly MemberTarget[] {
  return members.filter((member) => member.role === role).map(({ id }) => ({ id }));
}
