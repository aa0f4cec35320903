/** Who takes part. Source: Raft §6; Diss. §4; R21, R25. */

import type { LogIndex, NodeId } from '../basics/brands.ts';

/** One voter or learner, as the host describes it. */
export interface Member {
  /** Never that of another node, also once this one is removed. */
  readonly id: NodeId;
  /** Opaque to the core: the host's own record of the member, its address for one (R21). */
  readonly data: Uint8Array;
}

/** A majority of `voters` decides. */
export interface SimpleConfiguration {
  readonly kind: 'simple';
  /** The order is the same on all members, and so is the order in which they are sent to. None: see `noConfiguration`. */
  readonly voters: readonly Member[];
  /** Receive the log and count in no quorum. */
  readonly learners: readonly Member[];
  /** Once members and never again (R25). */
  readonly removed: readonly NodeId[];
}

/** On the way from one set of voters to another: a majority of each decides. Source: Raft §6; Diss. §4.3. */
export interface JointConfiguration {
  readonly kind: 'joint';
  /** The voters to come. */
  readonly incoming: readonly Member[];
  /** The voters until now. */
  readonly outgoing: readonly Member[];
  /** Those to come: a voter that is demoted is named here and in `outgoing`, and votes until this is left (R25). */
  readonly learners: readonly Member[];
  /** Those that this removes are named already, though they are members until it is left. */
  readonly removed: readonly NodeId[];
}

/** Who takes part, and who decides. It is the same for all members. */
export type Configuration = SimpleConfiguration | JointConfiguration;

/** A configuration and the entry that it came with; the first one's index is that of no entry, 0. */
export interface IndexedConfiguration {
  /** Of its entry. */
  readonly index: LogIndex;
  /** In force from that entry on. */
  readonly configuration: Configuration;
}

/** What a change of membership asks for, as a whole. */
export interface MembershipTargets {
  /** At least one; each that is new was a learner before. */
  readonly voters: readonly Member[];
  /** None of them a voter. */
  readonly learners: readonly Member[];
}

/** The first configuration of a cluster, equal on all its members. */
export function firstConfiguration(voters: readonly Member[]): SimpleConfiguration {
  return { kind: 'simple', voters, learners: [], removed: [] };
}

/** Of a node that joins a cluster that there is: it waits until a leader tells it who takes part. */
export function noConfiguration(): SimpleConfiguration {
  return firstConfiguration([]);
}

/** The sets of voters, each of which has to agree: one, or two while joint. */
export function halvesOf(configuration: Configuration): readonly (readonly Member[])[] {
  if (configuration.kind === 'simple') return [configuration.voters];
  return [configuration.incoming, configuration.outgoing];
}

/** All voters, those to come first, each once. */
export function votersOf(configuration: Configuration): readonly Member[] {
  if (configuration.kind === 'simple') return configuration.voters;
  return [...configuration.incoming, ...without(configuration.outgoing, configuration.incoming)];
}

/** All that take part, voters first, each once: the order in which a leader sends. */
export function membersOf(configuration: Configuration): readonly Member[] {
  const voters = votersOf(configuration);
  const { learners } = configuration;
  return learners.length === 0 ? voters : [...voters, ...without(learners, voters)];
}

/** Does the node vote, in either half? */
export function isVoter(configuration: Configuration, id: NodeId): boolean {
  if (configuration.kind === 'simple') return includesId(configuration.voters, id);
  return includesId(configuration.incoming, id) || includesId(configuration.outgoing, id);
}

/** Does the node take part, as a voter or a learner? */
export function isMember(configuration: Configuration, id: NodeId): boolean {
  return isVoter(configuration, id) || includesId(configuration.learners, id);
}

/** Was the node a member once, and never will be again? */
export function isRemoved(configuration: Configuration, id: NodeId): boolean {
  return configuration.removed.includes(id) && !isMember(configuration, id);
}

/** The voters but `id`. */
export function othersOf(configuration: Configuration, id: NodeId): NodeId[] {
  return votersOf(configuration)
    .map((member) => member.id)
    .filter((member) => member !== id);
}

/** What the members, and those that are gone, count against limits in bytes. */
export function configurationBytes(configuration: Configuration): number {
  const members = [...halvesOf(configuration).flat(), ...configuration.learners];
  const ofMembers = members.reduce((sum, { id, data }) => sum + 2 * id.length + data.length, 0);
  return configuration.removed.reduce((sum, id) => sum + 2 * id.length, ofMembers);
}

export function includesId(members: readonly Member[], id: NodeId): boolean {
  return members.some((member) => member.id === id);
}

function without(members: readonly Member[], others: readonly Member[]): readonly Member[] {
  return members.filter(({ id }) => !includesId(others, id));
}
