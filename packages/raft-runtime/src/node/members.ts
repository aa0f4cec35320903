/** Who takes part, as a node tells its host. */

import {
  configurationIndexOf,
  configurationOf,
  isVoter,
  membersOf,
  type LogIndex,
  type NodeId,
  type NodeState,
} from '@raftkv/core';
import { decodeMemberRecord } from '../bytes/member-record.ts';

/** One that takes part. */
export interface NodeMember {
  /** As the configuration names it. */
  readonly id: NodeId;
  /** Where its peers reach it, as it was given when it was added; `null` where that is told in another way. */
  readonly address: string | null;
  /** A voter that is to become a learner votes until the change is over (R25). */
  readonly role: 'voter' | 'learner';
}

/** The configuration in force at one node; it may be rolled back there while it is not committed (R21). */
export interface NodeMembers {
  /** Of its entry; what `ifIndex` of a change compares. */
  readonly index: LogIndex;
  /** On the way from one set of voters to another: a majority of each decides. */
  readonly isJoint: boolean;
  /** Each once, voters first; none on a node that joins, until a leader tells it. */
  readonly members: readonly NodeMember[];
}

export function nodeMembers(state: NodeState): NodeMembers {
  const configuration = configurationOf(state);
  return {
    index: configurationIndexOf(state),
    isJoint: configuration.kind === 'joint',
    members: membersOf(configuration).map(({ id, data }) => ({
      id,
      address: decodeMemberRecord(data).address,
      role: isVoter(configuration, id) ? 'voter' : 'learner',
    })),
  };
}
