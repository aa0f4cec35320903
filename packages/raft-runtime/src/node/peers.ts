/** What comes from the transport: who is connected, who of them is listened to, and what they say. */

import type { Input, Message, NodeId, NodeState } from '@raftkv/core';
import { EmptiedMemberError } from '../errors.ts';
import type { Incarnation, LogStorage, StoredLog } from '../ports/log-storage.ts';
import type { Greeting, PeerAddress, TransportEvents } from '../ports/transport.ts';
import { Admission } from './admission.ts';
import { Membership } from './membership.ts';
import type { Counters } from './metrics.ts';
import type { Notice } from './options.ts';
import { lastIndexOf } from './status.ts';

export interface PeersHost {
  state(): NodeState;
  /** Runs what the outside calls, unless the node has ended; an exception ends the node. */
  guard(work: () => void): void;
  step(input: Input): void;
  fail(cause: Error): void;
  notify(notice: Notice): void;
  /** The members are others, or elsewhere. */
  setPeers(peers: readonly PeerAddress[]): void;
  receiveSnapshot(from: NodeId, head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** `peer` is listened to from now on; what its host says about it is the callee's. */
  tellOfPeer(peer: NodeId, about: Uint8Array): void;
}

export interface PeersOptions {
  readonly id: NodeId;
  readonly about: Uint8Array;
  readonly processNumber: number;
  readonly stored: StoredLog;
  readonly storage: LogStorage;
  /** As it was recovered. */
  readonly state: NodeState;
}

export class Peers implements TransportEvents {
  private readonly options: PeersOptions;
  private readonly host: PeersHost;
  private readonly counters: Counters;
  private readonly admission: Admission;
  private current: Membership;

  constructor(options: PeersOptions, host: PeersHost, counters: Counters) {
    this.options = options;
    this.host = host;
    this.counters = counters;
    const { incarnation, clusterId, members } = options.stored;
    this.current = new Membership(options.state, options.stored);
    this.admission = new Admission({ incarnation, clusterId, members, membership: this.current });
  }

  get membership(): Membership {
    return this.current;
  }

  /** Under which incarnation `peer` is known, durably, here or in a configuration; `null` where it never was met. */
  incarnationOf(peer: NodeId): Incarnation | null {
    if (peer === this.options.id) return this.options.stored.incarnation;
    return this.current.incarnationOf(peer) ?? this.admission.metAs(peer);
  }

  /** Does the configuration in force count on `peer`? */
  isVoter(peer: NodeId): boolean {
    return this.current.isVoter(peer);
  }

  addressOf(peer: NodeId): string | null {
    return this.current.addressOf(peer);
  }

  /** To be called when the configuration may have changed. */
  follow(): void {
    const state = this.host.state();
    if (this.current.isOf(state)) return;
    const wasOnProbation = this.isOnProbation;
    this.current = new Membership(state, this.options.stored);
    if (this.current.isEmptied) {
      return this.host.fail(new EmptiedMemberError(this.options.id, state.termLeader ?? this.options.id));
    }
    this.announce();
    for (const [peer, greeting] of this.admission.onMembership(this.current)) this.greet(peer, greeting);
    if (this.isOnProbation !== wasOnProbation) this.onProbationChanged();
  }

  /** Says whom to connect with. A node that joins knows nobody: it is for the transport to know who may come. */
  announce(): void {
    if (!this.current.isJoining) this.host.setPeers(this.current.peers());
  }

  get clusterId(): Uint8Array | null {
    return this.admission.clusterId;
  }

  get isOnProbation(): boolean {
    return this.admission.isOnProbation;
  }

  /**
   * The directory was new at the start, and the log has no entry yet. A term alone shows nothing: an emptied member hears
   * the term of whoever refuses it.
   */
  private get isEmpty(): boolean {
    const { hardState, tail } = this.options.stored.record;
    return hardState.currentTerm === 0 && tail.length === 0 && lastIndexOf(this.host.state()) === 0;
  }

  isAdmitted(peer: NodeId): boolean {
    return this.admission.isAdmitted(peer);
  }

  /** The entry that carries the cluster's id is committed; `null` for any other. */
  learnClusterId(clusterId: Uint8Array | null): void {
    if (clusterId === null) return;
    for (const peer of this.admission.onClusterId(clusterId)) {
      this.host.notify({ kind: 'peer-ignored', peer, reason: 'other-cluster' });
    }
  }

  greetingFor(peer: NodeId): Greeting {
    return {
      processNumber: this.options.processNumber,
      incarnation: this.options.stored.incarnation,
      clusterId: this.clusterId,
      hasLog: lastIndexOf(this.host.state()) > 0,
      hasJoined: this.current.hasJoined,
      metAs: this.admission.metAs(peer),
      about: this.options.about,
    };
  }

  onConnected(peer: NodeId, greeting: Greeting): void {
    this.host.guard(() => this.greet(peer, greeting));
  }

  onReceived(from: NodeId, messages: readonly Message[]): void {
    this.host.guard(() => {
      for (const message of messages) this.hear(from, message);
    });
  }

  onSnapshot(from: NodeId, head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void> {
    if (!this.isAdmitted(from) || this.isOnProbation) {
      return Promise.reject(new Error(`${from} is not listened to at present`));
    }
    return this.host.receiveSnapshot(from, head, content);
  }

  onDisconnected(peer: NodeId, processGone: boolean): void {
    this.host.guard(() => {
      // Of a peer that was not listened to, this is no news either.
      const wasAdmitted = this.isAdmitted(peer);
      this.admission.onDisconnected(peer);
      if (wasAdmitted) this.host.step({ kind: 'peerDisconnected', peer, processGone });
    });
  }

  private hear(from: NodeId, message: Message): void {
    if (showsLog(message)) this.reconsider(from);
    if (this.isAdmitted(from) && showsLog(message) && this.isEmpty) this.suspect();
    if (!this.isAdmitted(from) || this.isOnProbation) {
      this.counters.messagesDropped += 1;
      return;
    }
    this.counters.messagesReceived += 1;
    this.host.step({ kind: 'receive', from, message });
  }

  /** A stranger that was empty when it greeted shows that it has a log by now. */
  private reconsider(from: NodeId): void {
    const greeting = this.admission.strangerOf(from);
    if (greeting !== null) this.greet(from, { ...greeting, hasLog: true });
  }

  private suspect(): void {
    const wasOnProbation = this.isOnProbation;
    this.admission.onLogSeen();
    if (this.isOnProbation && !wasOnProbation) this.onProbationChanged();
  }

  private greet(peer: NodeId, greeting: Greeting): void {
    const wasOnProbation = this.isOnProbation;
    const verdict = this.admission.onGreeting(peer, greeting, this.isEmpty);
    switch (verdict.kind) {
      case 'admitted':
        this.begin(peer);
        break;
      case 'to-be-bound':
        this.bind(peer, greeting.incarnation);
        break;
      case 'being-bound':
        break;
      case 'ignored':
        return this.host.notify({ kind: 'peer-ignored', peer, reason: verdict.reason });
      case 'emptied':
        return this.host.fail(new EmptiedMemberError(this.options.id, peer));
    }
    if (this.isOnProbation !== wasOnProbation) this.onProbationChanged();
  }

  private bind(peer: NodeId, incarnation: Incarnation): void {
    this.options.storage.bindMember(peer, incarnation, (error) =>
      this.host.guard(() => {
        if (error !== null) return this.host.fail(error);
        this.admission.onBound(peer);
        this.begin(peer);
      }),
    );
  }

  /** From now on `peer` is listened to; what was sent to it before was lost. */
  private begin(peer: NodeId): void {
    const about = this.admission.aboutOf(peer);
    if (about === null) return;
    this.host.step({ kind: 'peerConnected', peer });
    // A copy: a part of a network's buffer would pin it whole, and on a Buffer of Node `slice` gives just that.
    this.host.tellOfPeer(peer, new Uint8Array(about));
  }

  private onProbationChanged(): void {
    const waitsFor = this.admission.missingVouchers();
    this.host.notify(
      this.isOnProbation ? { kind: 'probation-began', waitsFor } : { kind: 'probation-ended' },
    );
  }
}

/** Does its sender's log hold anything but what this message brings? */
function showsLog(message: Message): boolean {
  switch (message.kind) {
    case 'append':
      return message.prevIndex > 0;
    case 'voteRequest':
    case 'preVoteRequest':
      return message.lastIndex > 0;
    case 'appendReply':
    case 'appendRefusal':
    case 'roundReply':
    case 'voteReply':
    case 'preVoteReply':
    case 'removed':
    case 'timeoutNow':
    case 'readRequest':
      return false;
    case 'readReply':
      return message.index > 0;
  }
}
