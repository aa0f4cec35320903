/** The members of a cluster, as its leader would tell and change them (R21). */

import type {
  ClusterMember,
  Membership,
  MembershipChange,
  MemberTarget,
  NodeStatus,
  Request,
  Response,
} from '@raftkv/kv-protocol';
import { failed } from './node.ts';

export type OperatorRequest = Extract<
  Request,
  { kind: 'members' | 'changeMembership' | 'transferLeadership' | 'status' }
>;

export class ScriptedMembers {
  index = 0;
  leader = 'n1';
  members: readonly ClusterMember[] = ['n1', 'n2', 'n3'].map((id) => ({
    id,
    address: `ws://${id}`,
    role: 'voter',
  }));

  serve(request: OperatorRequest): Response {
    switch (request.kind) {
      case 'members':
        return { kind: 'members', membership: this.membership };
      case 'changeMembership':
        return this.change(request.change);
      case 'transferLeadership':
        this.leader = request.target ?? 'n2';
        return { kind: 'leadershipTransferred', leader: this.leader };
      case 'status':
        return { kind: 'status', status: this.status };
    }
  }

  /** `n1 n2, n3`: two voters and a learner, in their order. */
  get words(): string {
    const named = (role: string) => this.members.filter((one) => one.role === role).map(({ id }) => id);
    return [named('voter').join(' '), named('learner').join(' ')].filter((text) => text !== '').join(', ');
  }

  private get membership(): Membership {
    const { index, leader, members } = this;
    return { index, isJoint: false, leader, members };
  }

  private get status(): NodeStatus {
    const peers = [{ id: 'n2', matchIndex: 7, nextIndex: 8, flow: 'replicating', silentMs: 12 } as const];
    const { leader } = this;
    const numbers = { term: 2, commitIndex: 7, appliedIndex: 7, revision: 3 };
    return { name: 'n1', role: 'leader', leader, isRemoved: false, peers, ...numbers };
  }

  private change({ voters, learners, ifIndex }: MembershipChange): Response {
    if (ifIndex !== null && ifIndex !== this.index) return failed('configuration-changed');
    this.index += 10;
    this.members = [
      ...voters.map((target) => this.member(target, 'voter')),
      ...learners.map((target) => this.member(target, 'learner')),
    ];
    return { kind: 'membershipChanged', index: this.index };
  }

  private member({ id, address }: MemberTarget, role: ClusterMember['role']): ClusterMember {
    const known = this.members.find((one) => one.id === id);
    return { id, address: address ?? known?.address ?? null, role };
  }
}
