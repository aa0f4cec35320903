/**
 * Which peers are listened to, judged by their greetings. Raft counts on members that remember what they promised and
 * acknowledged; one whose data directory was emptied does not, and looks like a new member. So each node remembers under
 * which incarnation it met each peer, tells the peer so, and keeps to it. Source: R27, R28.
 */

import type { NodeId } from '@raftkv/core';
import { areEqual } from '../bytes/equal.ts';
import type { Incarnation } from '../ports/log-storage.ts';
import type { Greeting } from '../ports/transport.ts';

/** Why nothing that a peer says counts. */
export type IgnoreReason =
  /** The configuration does not name it. */
  | 'not-a-member'
  /** It belongs to another cluster. */
  | 'other-cluster'
  /** It was met with another data directory before. */
  | 'other-incarnation';

export type Verdict =
  | { readonly kind: 'admitted' }
  /** Nothing it says counts before its incarnation is remembered durably: then call `onBound`. */
  | { readonly kind: 'to-be-bound' }
  /** `onBound` is under way already. */
  | { readonly kind: 'being-bound' }
  | { readonly kind: 'ignored'; readonly reason: IgnoreReason }
  /** It has met this node with another data directory: this node is the emptied one. */
  | { readonly kind: 'emptied' };

export interface AdmissionOptions {
  readonly incarnation: Incarnation;
  readonly clusterId: Uint8Array | null;
  /** Under which incarnation each peer was met, durably. */
  readonly members: ReadonlyMap<NodeId, Incarnation>;
  /** The other voters. */
  readonly peers: readonly NodeId[];
}

export class Admission {
  private readonly incarnation: Incarnation;
  private readonly peers: readonly NodeId[];
  private readonly bound: Map<NodeId, Incarnation>;
  private readonly beingBound = new Map<NodeId, Incarnation>();
  /** Peers connected and not ignored. */
  private readonly greeted = new Map<NodeId, Greeting>();
  /** Peers that have said that they never met this node with another data directory. */
  private readonly vouchers = new Set<NodeId>();
  private isSuspect = false;
  private knownClusterId: Uint8Array | null;

  constructor({ incarnation, clusterId, members, peers }: AdmissionOptions) {
    this.incarnation = incarnation;
    this.knownClusterId = clusterId;
    this.bound = new Map(members);
    this.peers = peers;
  }

  get clusterId(): Uint8Array | null {
    return this.knownClusterId;
  }

  /**
   * An empty node met a peer that is not. It may be the emptied member of a cluster whose latest entry was committed by
   * one leader and its old self alone, so that no other peer can tell: until all have vouched for it, it neither
   * listens, campaigns nor votes.
   */
  get isOnProbation(): boolean {
    return this.isSuspect && this.missingVouchers().length > 0;
  }

  missingVouchers(): NodeId[] {
    return this.peers.filter((peer) => !this.vouchers.has(peer));
  }

  isAdmitted(peer: NodeId): boolean {
    return this.greeted.has(peer) && this.bound.has(peer);
  }

  /** What the host of an admitted peer says about it; `null` of any other. */
  aboutOf(peer: NodeId): Uint8Array | null {
    return this.isAdmitted(peer) ? (this.greeted.get(peer)?.about ?? null) : null;
  }

  /** Under which incarnation `peer` was met; nothing it said before that was durable has counted. */
  metAs(peer: NodeId): Incarnation | null {
    return this.bound.get(peer) ?? null;
  }

  /** `peer` connected. `isEmpty`: this node's directory was new at its start, and its log has no entry yet. */
  onGreeting(peer: NodeId, greeting: Greeting, isEmpty: boolean): Verdict {
    this.greeted.delete(peer);
    const verdict = this.judge(peer, greeting);
    if (verdict.kind === 'ignored' || verdict.kind === 'emptied') return verdict;
    this.greeted.set(peer, greeting);
    this.vouchers.add(peer);
    if (verdict.kind === 'to-be-bound') this.beingBound.set(peer, greeting.incarnation);
    if (isEmpty && greeting.hasLog) this.isSuspect = true;
    return verdict;
  }

  /** An empty node sees in a message that there is a log: the peer may have been empty too when it greeted. */
  onLogSeen(): void {
    this.isSuspect = true;
  }

  /** The incarnation of `peer` is remembered durably. */
  onBound(peer: NodeId): void {
    const incarnation = this.beingBound.get(peer);
    if (incarnation === undefined) return;
    this.beingBound.delete(peer);
    this.bound.set(peer, incarnation);
  }

  onDisconnected(peer: NodeId): void {
    this.greeted.delete(peer);
  }

  /** This node learned to which cluster it belongs. Gives the connected peers that belong to another. */
  onClusterId(clusterId: Uint8Array): NodeId[] {
    this.knownClusterId = clusterId;
    const strangers = [...this.greeted].filter(([, greeting]) => this.isOfOtherCluster(greeting));
    for (const [peer] of strangers) this.greeted.delete(peer);
    return strangers.map(([peer]) => peer);
  }

  /** Whoever is not of this cluster, or not the member it was, has no say in whether this node was emptied. */
  private judge(peer: NodeId, greeting: Greeting): Verdict {
    if (!this.peers.includes(peer)) return { kind: 'ignored', reason: 'not-a-member' };
    if (this.isOfOtherCluster(greeting)) return { kind: 'ignored', reason: 'other-cluster' };
    const known = this.bound.get(peer) ?? this.beingBound.get(peer);
    if (known !== undefined && !areEqual(known, greeting.incarnation)) {
      return { kind: 'ignored', reason: 'other-incarnation' };
    }
    if (greeting.metAs !== null && !areEqual(greeting.metAs, this.incarnation)) return { kind: 'emptied' };
    if (this.bound.has(peer)) return { kind: 'admitted' };
    return { kind: known === undefined ? 'to-be-bound' : 'being-bound' };
  }

  private isOfOtherCluster({ clusterId }: Greeting): boolean {
    return clusterId !== null && this.knownClusterId !== null && !areEqual(clusterId, this.knownClusterId);
  }
}
