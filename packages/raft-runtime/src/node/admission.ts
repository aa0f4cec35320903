/**
 * Which peers are listened to, judged by their greetings. Raft counts on members that remember what they promised and
 * acknowledged; one whose data directory was emptied does not, and looks like a new member. So each node remembers under
 * which incarnation it met each peer, tells the peer so, and keeps to it; and a configuration that names the incarnation
 * of a member binds all. Source: R27, R28.
 *
 * Whom the configuration does not name may speak too, as Raft demands (§6): it may be this node's that is old (R24).
 */

import type { NodeId } from '@raftkv/core';
import { areEqual } from '../bytes/equal.ts';
import type { Incarnation } from '../ports/log-storage.ts';
import type { Greeting } from '../ports/transport.ts';
import type { Membership } from './membership.ts';

/** Why nothing that a peer says counts. */
export type IgnoreReason =
  /** No configuration names it, not as one that was removed either, and it has no log, by which it could know of a later one. */
  | 'not-a-member'
  /** It belongs to another cluster. */
  | 'other-cluster'
  /** It was met, or is in the configuration, with another data directory. */
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
  /** As it was found at the start. */
  readonly membership: Membership;
}

export class Admission {
  private readonly incarnation: Incarnation;
  private readonly bound: Map<NodeId, Incarnation>;
  private readonly beingBound = new Map<NodeId, Incarnation>();
  /** Peers connected and not ignored. */
  private readonly greeted = new Map<NodeId, Greeting>();
  /** Peers connected and ignored because nothing shows that they are members. */
  private readonly strangers = new Map<NodeId, Greeting>();
  /** Peers that have said that they never met this node with another data directory. */
  private readonly vouchers = new Set<NodeId>();
  private isSuspect = false;
  private knownClusterId: Uint8Array | null;
  private membership: Membership;

  constructor({ incarnation, clusterId, members, membership }: AdmissionOptions) {
    this.incarnation = incarnation;
    this.knownClusterId = clusterId;
    this.bound = new Map(members);
    this.membership = membership;
  }

  get clusterId(): Uint8Array | null {
    return this.knownClusterId;
  }

  /**
   * An empty node met a peer that is not. It may be the emptied member of a cluster whose latest entry was committed by
   * one leader and its old self alone, so that no other peer can tell: until all have vouched for it, it neither
   * listens, campaigns nor votes. Of a member that joined nobody needs the word: a configuration that counts on it names
   * its incarnation, and where one does not, the others do not listen.
   */
  get isOnProbation(): boolean {
    return this.isSuspect && !this.membership.hasJoined && this.missingVouchers().length > 0;
  }

  missingVouchers(): NodeId[] {
    return this.membership.voters.filter((peer) => !this.vouchers.has(peer));
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
    this.strangers.delete(peer);
    const verdict = this.judge(peer, greeting);
    if (verdict.kind === 'ignored' && verdict.reason === 'not-a-member') this.strangers.set(peer, greeting);
    if (verdict.kind === 'ignored' || verdict.kind === 'emptied') return verdict;
    this.greeted.set(peer, greeting);
    this.vouchers.add(peer);
    if (verdict.kind === 'to-be-bound') this.beingBound.set(peer, greeting.incarnation);
    if (isEmpty && greeting.hasLog) this.isSuspect = true;
    return verdict;
  }

  /** The configuration is another. Gives the peers that have to be judged anew, with what they said. */
  onMembership(membership: Membership): readonly (readonly [NodeId, Greeting])[] {
    this.membership = membership;
    const others = [...this.greeted].filter(([peer, greeting]) => this.isOtherThanNamed(peer, greeting));
    return [...this.strangers, ...others];
  }

  /** What a peer said that was ignored because nothing showed that it is a member; `null` of any other. */
  strangerOf(peer: NodeId): Greeting | null {
    return this.strangers.get(peer) ?? null;
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
    this.strangers.delete(peer);
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
    if (!greeting.hasLog && !this.membership.mayKnow(peer)) {
      return { kind: 'ignored', reason: 'not-a-member' };
    }
    if (this.isOfOtherCluster(greeting)) return { kind: 'ignored', reason: 'other-cluster' };
    const known = this.bound.get(peer) ?? this.beingBound.get(peer);
    const isOther = known !== undefined && !areEqual(known, greeting.incarnation);
    if (isOther || this.isOtherThanNamed(peer, greeting)) {
      return { kind: 'ignored', reason: 'other-incarnation' };
    }
    if (greeting.metAs !== null && !areEqual(greeting.metAs, this.incarnation)) return { kind: 'emptied' };
    if (this.bound.has(peer)) return { kind: 'admitted' };
    return { kind: known === undefined ? 'to-be-bound' : 'being-bound' };
  }

  /** A voter that no configuration names the incarnation of was one from the first on: it never joined, unless emptied. */
  private isOtherThanNamed(peer: NodeId, { incarnation, hasJoined }: Greeting): boolean {
    const named = this.membership.incarnationOf(peer);
    return named === null ? hasJoined && this.membership.isVoter(peer) : !areEqual(named, incarnation);
  }

  private isOfOtherCluster({ clusterId }: Greeting): boolean {
    return clusterId !== null && this.knownClusterId !== null && !areEqual(clusterId, this.knownClusterId);
  }
}
