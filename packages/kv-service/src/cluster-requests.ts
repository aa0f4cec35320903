/**
 * What operators ask of a node: who takes part, that others do, that another leads, and how it is. Members and status are
 * this node's own view; what changes something is for the leader. Source: R21 to R26.
 */

import {
  MEMBERS_MAX,
  type MembershipChange,
  type MemberTarget,
  type NodeStatus,
  type Outcome,
  type Request,
  type Response,
} from '@raftkv/kv-protocol';
import type { KeyValueMachine } from '@raftkv/kv-state-machine';
import {
  logIndex,
  nodeId,
  RaftError,
  type MemberTarget as RuntimeTarget,
  type RaftNode,
} from '@raftkv/runtime';
import { failureOf, refusal, type UrlOf } from './failures.ts';

export interface ClusterRequestsOptions {
  readonly node: RaftNode<Outcome>;
  readonly machine: KeyValueMachine;
  /** Where clients reach the member. */
  readonly urlOf: UrlOf;
  /** Where its peers reach the member, where the configuration does not say. */
  readonly peerUrlOf: UrlOf;
}

type Respond = (response: Response) => void;

export type ClusterRequest = Extract<
  Request,
  { kind: 'members' | 'changeMembership' | 'transferLeadership' | 'status' }
>;

export class ClusterRequests {
  private readonly options: ClusterRequestsOptions;

  constructor(options: ClusterRequestsOptions) {
    this.options = options;
  }

  /** Answers `request`, once and later; never throws. */
  handle(request: ClusterRequest, respond: Respond): void {
    switch (request.kind) {
      case 'members':
        return this.members(request.consistency === 'linearizable', respond);
      case 'changeMembership':
        return this.answer(this.changeMembership(request.change), respond);
      case 'transferLeadership':
        return this.answer(this.transferLeadership(request.target), respond);
      case 'status':
        return queueMicrotask(() => respond(this.status()));
      default:
        request satisfies never;
    }
  }

  /** Once a read is confirmed, this leader has every configuration that was committed before it. */
  private members(isLinearizable: boolean, respond: Respond): void {
    const { node } = this.options;
    if (!isLinearizable) return queueMicrotask(() => respond(this.membership()));
    node.submitRead(({ error }) => respond(error === null ? this.membership() : this.failed(error)));
  }

  private membership(): Response {
    const { node, peerUrlOf } = this.options;
    const { index, isJoint, members } = node.members();
    if (members.length > MEMBERS_MAX) return tooMany(members.length);
    const { leader } = node.status();
    const named = members.map((member) => ({ ...member, address: member.address ?? peerUrlOf(member.id) }));
    return { kind: 'members', membership: { index, isJoint, leader, members: named } };
  }

  private async changeMembership(change: MembershipChange): Promise<Response> {
    const { index } = await this.options.node.changeMembership({
      voters: this.targetsOf(change.voters),
      learners: this.targetsOf(change.learners),
      force: change.force,
      ...(change.ifIndex === null ? {} : { ifIndex: logIndex(change.ifIndex) }),
    });
    return { kind: 'membershipChanged', index };
  }

  /**
   * A first configuration names no addresses: its members are told them when they start. Whoever is added later is told
   * them by the configuration alone, so what this node knows goes into it.
   */
  private targetsOf(targets: readonly MemberTarget[]): readonly RuntimeTarget[] {
    const { node, peerUrlOf } = this.options;
    const configured = new Map<string, string | null>(
      node.members().members.map(({ id, address }) => [id, address]),
    );
    return targets.map((target) => {
      const address = target.address ?? configured.get(target.id) ?? peerUrlOf(target.id);
      return { id: nodeId(target.id), ...(address === null ? {} : { address }) };
    });
  }

  private async transferLeadership(target: string | null): Promise<Response> {
    const leader = await this.options.node.transferLeadership(target === null ? null : nodeId(target));
    return { kind: 'leadershipTransferred', leader };
  }

  private status(): Response {
    const { node, machine } = this.options;
    const { id, role, currentTerm, leader, commitIndex, appliedIndex, isRemoved, peers } = node.status();
    if (peers.length > MEMBERS_MAX) return tooMany(peers.length);
    const status: NodeStatus = {
      name: id,
      role,
      term: currentTerm,
      leader,
      commitIndex,
      appliedIndex,
      revision: machine.revision,
      isRemoved,
      peers: peers.map((peer) => ({ ...peer, silentMs: Math.max(0, Math.round(peer.silentMs)) })),
    };
    return { kind: 'status', status };
  }

  private answer(asked: Promise<Response>, respond: Respond): void {
    asked.then(respond, (error: unknown) => respond(this.failed(error)));
  }

  private failed(error: unknown): Response {
    if (error instanceof RaftError) return { kind: 'failed', failure: failureOf(error, this.options.urlOf) };
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', failure: refusal('invalid-request', message) };
  }
}

function tooMany(count: number): Response {
  const message = `${count} members are more than one message may name`;
  return { kind: 'failed', failure: refusal('unavailable', message) };
}
