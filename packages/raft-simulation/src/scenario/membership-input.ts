/** What a scenario asks of a leader about members, as the core is asked. Its members carry no data. */

import { logIndex, type Input, type Member, type NodeId, type Ref } from '@raftkv/core';
import type { MembershipRequest } from './command.ts';

/** The change that `asked` names. */
export function membershipInput({ voters, learners, ifIndex, force }: MembershipRequest, ref: Ref): Input {
  return {
    kind: 'changeMembership',
    ref,
    targets: { voters: membersNamed(voters), learners: membersNamed(learners) },
    ifIndex: ifIndex === null ? null : logIndex(ifIndex),
    force,
  };
}

/** Members with these names. */
export function membersNamed(ids: readonly NodeId[]): readonly Member[] {
  return ids.map((id) => ({ id, data: new Uint8Array(0) }));
}
