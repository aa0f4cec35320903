/** Does a configuration make sense? What comes from a disk or a peer may have been made by anyone (R7). */

import type { Configuration, Member } from './configuration.ts';

/** Longer lists of ids once removed are refused: they are kept for the life of the cluster. */
export const REMOVED_IDS_MAX = 65_536;

/**
 * What is wrong with `configuration`, or `null`: each half has voters, no half and no list of learners names a node
 * twice, no learner is to be a voter, and nobody to come was removed once.
 */
export function configurationFault(configuration: Configuration): string | null {
  switch (configuration.kind) {
    case 'simple':
      return faultOf(configuration, configuration.voters);
    case 'joint': {
      const { incoming, outgoing } = configuration;
      return faultOfHalf(outgoing) ?? faultOf(configuration, incoming);
    }
    default:
      return 'a configuration is simple or joint';
  }
}

function faultOf({ learners, removed }: Configuration, voters: readonly Member[]): string | null {
  const fault = faultOfHalf(voters);
  if (fault !== null) return fault;
  if (!areMembers(learners)) return 'a learner has an id and data';
  if (!isList(removed) || removed.length > REMOVED_IDS_MAX) return 'ids once removed are a list';
  const toCome = [...voters, ...learners].map(({ id }) => id);
  if (new Set(toCome).size < toCome.length) return 'a configuration names each member once';
  return removed.some((id) => toCome.includes(id)) ? 'an id once removed is never used again' : null;
}

function faultOfHalf(voters: readonly Member[]): string | null {
  if (!areMembers(voters)) return 'a voter has an id and data';
  if (voters.length === 0) return 'a configuration needs at least one voter';
  const ids = new Set(voters.map(({ id }) => id));
  return ids.size < voters.length ? 'a configuration names each voter once' : null;
}

function areMembers(members: readonly (Member | null | undefined)[]): boolean {
  return isList(members) && members.every(isMemberShape);
}

function isMemberShape(member: Member | null | undefined): boolean {
  if (member === null || member === undefined) return false;
  return typeof member.id === 'string' && member.id.length > 0 && member.data instanceof Uint8Array;
}

/** Not a type guard: one of `Array.isArray` would forget the type of the items. */
function isList(value: readonly unknown[]): boolean {
  return Array.isArray(value);
}
