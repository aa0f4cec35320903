/** Peers in one process: for tests, examples and a cluster that lives in one page. */

import type { Message, NodeId } from '@raftkv/core';
import type { Transport, TransportEvents } from '../ports/transport.ts';
import { SnapshotStream, type Sending } from './snapshot-stream.ts';

/** What a test may want to decide itself. */
export interface InProcessNetworkOptions {
  /** Calls later what it is given, in order; a microtask unless given. */
  readonly schedule?: (task: () => void) => void;
  /** Frames under way to one node, beyond which more are lost; 1,024. */
  readonly framesMax?: number;
}

const FRAMES_MAX = 1024;

/** One node's end of its connections. */
interface Endpoint {
  readonly id: NodeId;
  readonly events: TransportEvents;
  /** Those it is connected with. */
  readonly peers: Map<NodeId, Endpoint>;
  /** The one under way to each peer. */
  readonly streams: Map<NodeId, SnapshotStream>;
  framesUnderWay: number;
  isOpen: boolean;
}

/** Delivers in order, always later, and to everyone that is there and not cut off. */
export class InProcessNetwork {
  private readonly schedule: (task: () => void) => void;
  private readonly framesMax: number;
  private readonly endpoints = new Map<NodeId, Endpoint>();
  private readonly cuts = new Set<string>();

  constructor(options: InProcessNetworkOptions = {}) {
    this.schedule = options.schedule ?? queueMicrotask;
    this.framesMax = options.framesMax ?? FRAMES_MAX;
  }

  /** The transport of node `id`, for one start of that node. */
  transport(id: NodeId): Transport {
    let endpoint: Endpoint | null = null;
    return {
      start: (events) => {
        if (this.endpoints.has(id)) return Promise.reject(new Error(`${id} is connected already`));
        endpoint = { id, events, peers: new Map(), streams: new Map(), framesUnderWay: 0, isOpen: true };
        this.add(endpoint);
        return Promise.resolve();
      },
      send: (to, messages) => {
        if (endpoint !== null) this.send(endpoint, to, messages);
      },
      sendSnapshot: (to, head, content, done) => {
        this.stream(endpoint, to, { head, content, done });
      },
      close: () => {
        if (endpoint !== null) this.drop(endpoint);
        return Promise.resolve();
      },
    };
  }

  /** The process of `id` is gone: its peers notice, it does not. */
  remove(id: NodeId): void {
    const endpoint = this.endpoints.get(id);
    if (endpoint !== undefined) this.drop(endpoint);
  }

  /** The connection between two nodes breaks, and none is made until `heal`. Both notice. */
  cut(one: NodeId, other: NodeId): void {
    this.cuts.add(pairOf(one, other));
    const endpoint = this.endpoints.get(one);
    const peer = this.endpoints.get(other);
    if (endpoint !== undefined && peer !== undefined) this.disconnect(endpoint, peer, false);
  }

  /** Ends a `cut`: the two connect, and both notice. */
  heal(one: NodeId, other: NodeId): void {
    this.cuts.delete(pairOf(one, other));
    const endpoint = this.endpoints.get(one);
    const peer = this.endpoints.get(other);
    if (endpoint !== undefined && peer !== undefined) this.connect(endpoint, peer);
  }

  private add(endpoint: Endpoint): void {
    for (const peer of this.endpoints.values()) this.connect(endpoint, peer);
    this.endpoints.set(endpoint.id, endpoint);
  }

  private drop(endpoint: Endpoint): void {
    endpoint.isOpen = false;
    if (this.endpoints.get(endpoint.id) === endpoint) this.endpoints.delete(endpoint.id);
    for (const peer of endpoint.peers.values()) this.disconnect(endpoint, peer, true);
  }

  private connect(one: Endpoint, other: Endpoint): void {
    this.schedule(() => {
      const isCut = this.cuts.has(pairOf(one.id, other.id));
      if (!one.isOpen || !other.isOpen || isCut || one.peers.has(other.id)) return;
      one.peers.set(other.id, other);
      other.peers.set(one.id, one);
      const greeting = one.events.greetingFor(other.id);
      const answer = other.events.greetingFor(one.id);
      one.events.onConnected(other.id, answer);
      other.events.onConnected(one.id, greeting);
    });
  }

  private disconnect(one: Endpoint, other: Endpoint, processGone: boolean): void {
    if (one.peers.get(other.id) !== other) return;
    one.peers.delete(other.id);
    other.peers.delete(one.id);
    one.streams.get(other.id)?.end(new Error(`the connection with ${other.id} has ended`));
    other.streams.get(one.id)?.end(new Error(`the connection with ${one.id} has ended`));
    this.tell(one, (events) => events.onDisconnected(other.id, processGone));
    this.tell(other, (events) => events.onDisconnected(one.id, processGone));
  }

  private send(from: Endpoint, to: NodeId, messages: readonly Message[]): void {
    const peer = from.peers.get(to);
    if (peer === undefined || peer.framesUnderWay >= this.framesMax) return;
    peer.framesUnderWay += 1;
    this.schedule(() => {
      peer.framesUnderWay -= 1;
      if (peer.isOpen) peer.events.onReceived(from.id, messages);
    });
  }

  /** One at a time to a peer: the later ends the earlier. */
  private stream(from: Endpoint | null, to: NodeId, sending: Sending): void {
    const peer = from?.peers.get(to);
    const forget = (): void => void (from?.streams.get(to) === stream && from.streams.delete(to));
    const stream = new SnapshotStream(sending, this.schedule, forget);
    if (from === null || peer === undefined) return stream.end(new Error(`${to} is not connected`));
    from.streams.get(to)?.end(new Error('a later snapshot goes in the place of this one'));
    from.streams.set(to, stream);
    this.schedule(() => stream.begin((head, content) => peer.events.onSnapshot(from.id, head, content)));
  }

  private tell(endpoint: Endpoint, what: (events: TransportEvents) => void): void {
    this.schedule(() => {
      if (endpoint.isOpen) what(endpoint.events);
    });
  }
}

function pairOf(one: NodeId, other: NodeId): string {
  return JSON.stringify([one, other].toSorted());
}
