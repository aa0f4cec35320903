/** What a host says of the members to come, and what the configuration then says of them. Source: R21, R28. */

import type { LogIndex, Member, MembershipTargets, NodeId } from '@raftkv/core';
import { encodeMemberRecord } from '../bytes/member-record.ts';
import type { Incarnation } from '../ports/log-storage.ts';

/** A member to come, or to stay. */
export interface MemberTarget {
  /** Never one of a member that was removed. */
  readonly id: NodeId;
  /** Where its peers reach it, in the words of the transport; as it is known already unless given. */
  readonly address?: string;
}

/** All members that there are to be: who is not named is removed. */
export interface MembershipChange {
  /** Who decides; one that is new has to be a learner first, until it has caught up. */
  readonly voters: readonly MemberTarget[];
  /** Who receives the log, and decides nothing; none unless given. */
  readonly learners?: readonly MemberTarget[];
  /** Only if the configuration in force is that of this entry, as `status` tells it; whichever it is unless given. */
  readonly ifIndex?: LogIndex;
  /** Also where a new voter has not caught up: it may be long before it helps. Nothing waives a quorum that answers. */
  readonly force?: boolean;
}

/** What the node that changes the configuration knows of members. */
export interface KnownMembers {
  addressOf(id: NodeId): string | null;
  isVoter(id: NodeId): boolean;
  /** As this node met it, or as the configuration names it: whoever comes with another one is not that member. */
  incarnationOf(id: NodeId): Incarnation | null;
}

/** Nobody becomes a voter before it was met, `force` or not: its incarnation has to stand in the configuration (R28). */
export function hasUnmetVoter({ voters }: MembershipChange, known: KnownMembers): boolean {
  return voters.some(({ id }) => !known.isVoter(id) && known.incarnationOf(id) === null);
}

/** @throws {EncodeError} if an address is too long. */
export function targetsOf(
  { voters, learners = [] }: MembershipChange,
  known: KnownMembers,
): MembershipTargets {
  const member = ({ id, address = known.addressOf(id) ?? undefined }: MemberTarget): Member => ({
    id,
    data: encodeMemberRecord({ address: address ?? null, incarnation: known.incarnationOf(id) }),
  });
  return { voters: voters.map(member), learners: learners.map(member) };
}
