/** Who the members are, as plain text that can be compared and told. */

import type { Membership } from '@raftkv/kv-client';

export type Roles = ReadonlyMap<string, 'voter' | 'learner'>;

/** `n1 n2, learning n3`. */
export function rolesText(roles: Roles): string {
  const named = (wanted: string): string =>
    [...roles]
      .flatMap(([name, role]) => (role === wanted ? [name] : []))
      .toSorted()
      .join(' ');
  const learners = named('learner');
  return learners === '' ? named('voter') : `${named('voter')}, learning ${learners}`;
}

/** The same for one that is left; what is on its way is none of them. */
export function membershipText({ members, isJoint }: Pick<Membership, 'members' | 'isJoint'>): string {
  const text = rolesText(new Map(members.map(({ id, role }) => [id, role])));
  return isJoint ? `${text}, on the way` : text;
}

export function votersOf(names: readonly string[]): Roles {
  return new Map(names.map((name) => [name, 'voter']));
}
