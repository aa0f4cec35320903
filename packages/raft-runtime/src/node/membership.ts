/** Who takes part, as far as a node has to know it to connect with its peers, and to listen to them. Source: R21, R24, R28. */

import {
  committedConfigurationOf,
  configurationOf,
  isRemoved,
  isVoter,
  votersOf,
  type Configuration,
  type NodeId,
  type NodeState,
} from '@raftkv/core';
import { areEqual } from '../bytes/equal.ts';
import { memberRecordsOf, type MemberRecord } from '../bytes/member-record.ts';
import type { Incarnation, StoredLog } from '../ports/log-storage.ts';
import type { PeerAddress } from '../ports/transport.ts';

export class Membership {
  /** The node's directory began without members: its cluster was there before it. */
  readonly hasJoined: boolean;
  /** The other voters of the configuration in force. */
  readonly voters: readonly NodeId[];
  /** No configuration is known yet. */
  readonly isJoining: boolean;
  /** A committed configuration names this node's incarnation, and it is another one. */
  readonly isEmptied: boolean;
  private readonly inForce: Configuration;
  private readonly committed: Configuration;
  private readonly self: NodeId;
  private readonly records: ReadonlyMap<NodeId, MemberRecord>;

  constructor(state: NodeState, { incarnation, hasJoined }: StoredLog) {
    const { id } = state.options;
    this.self = id;
    this.inForce = configurationOf(state);
    this.committed = committedConfigurationOf(state);
    this.hasJoined = hasJoined;
    const voters = votersOf(this.inForce).map((member) => member.id);
    this.voters = voters.filter((voter) => voter !== id);
    this.isJoining = voters.length === 0;
    const committed = memberRecordsOf(this.committed);
    const own = committed.get(id)?.incarnation ?? null;
    this.isEmptied = own !== null && !areEqual(own, incarnation);
    // One that is removed by what is in force, and not committed, is a member still.
    this.records = new Map([...committed, ...memberRecordsOf(this.inForce)]);
  }

  /** Is this what `state` would give? */
  isOf(state: NodeState): boolean {
    return configurationOf(state) === this.inForce && committedConfigurationOf(state) === this.committed;
  }

  /** Is `peer` a member, or was it one, which it has to be told (R26)? Or is none known? */
  mayKnow(peer: NodeId): boolean {
    return this.isJoining || this.records.has(peer) || isRemoved(this.committed, peer);
  }

  /** Does a configuration count on the vote of `peer`? */
  isVoter(peer: NodeId): boolean {
    return isVoter(this.inForce, peer) || isVoter(this.committed, peer);
  }

  /** Under which incarnation a configuration names `peer`; `null` where none says. */
  incarnationOf(peer: NodeId): Incarnation | null {
    return this.records.get(peer)?.incarnation ?? null;
  }

  /** Where a configuration says that `peer` is; `null` where none does. */
  addressOf(peer: NodeId): string | null {
    return this.records.get(peer)?.address ?? null;
  }

  /** Whom this node connects with. */
  peers(): readonly PeerAddress[] {
    return [...this.records].filter(([id]) => id !== this.self).map(([id, { address }]) => ({ id, address }));
  }
}
