/** The `Transport` port over WebSocket: one listening port, and a link to each peer. */

import { EncodeError } from '@raftkv/codec';
import type { Message, NodeId } from '@raftkv/core';
import type { PeerAddress, Transport, TransportEvents } from '@raftkv/runtime';
import { FrameEncoder } from './bytes/frame.ts';
import { encodeHello, type Hello, type Purpose } from './bytes/hello.ts';
import { CLOSE_TIMEOUT_MS, type Channel } from './channel.ts';
import { Dial, type DialHost, type DialResult } from './dial.ts';
import { TransportClosedError } from './errors.ts';
import { hearHello, refuse } from './handshake.ts';
import { Listener } from './listener.ts';
import { newCounters, type TransportMetrics } from './metrics.ts';
import { completeOptions, type CompleteOptions, type WebSocketTransportOptions } from './options.ts';
import { PeerLink, type PeerLinkHost } from './peer-link.ts';
import { PortNotices } from './port-notices.ts';
import { SnapshotStreams } from './snapshot/streams.ts';
import {
  dials,
  JOINING_DIGEST,
  judgeCluster,
  judgeNames,
  judgeTurn,
  purposeOf,
  sideOf,
  tooManyUnnamed,
  wrongNode,
  type OwnSide,
  type Refusal,
} from './refusal.ts';

const NORMAL = 1000;

/** The connections of one node with its peers, for one start of that node. */
export class WebSocketTransport implements Transport {
  readonly silenceMsMax: number;
  private readonly options: CompleteOptions;
  private readonly own: OwnSide;
  private readonly counters = newCounters();
  private readonly encoder: FrameEncoder;
  /** All that have a socket, whoever uses them. */
  private readonly channels = new Set<Channel>();
  private readonly links = new Map<NodeId, PeerLink>();
  /** Whom to be connected with; of others, only who comes by itself. */
  private readonly wanted = new Set<NodeId>();
  /** As the configuration has them. */
  private readonly addresses = new Map<NodeId, string>();
  private readonly streams: SnapshotStreams;
  private readonly listener: Listener;
  private readonly portNotices: PortNotices;
  private events: TransportEvents | null = null;
  private allClosed: Promise<void> | null = null;

  /** @throws {OptionsError} */
  constructor(options: WebSocketTransportOptions) {
    const complete = completeOptions(options);
    const { id, cluster, configurationDigest, peers, limits, clock, onNotice } = complete;
    this.options = complete;
    this.silenceMsMax = limits.silenceMsMax;
    this.encoder = new FrameEncoder(limits.frameBytesMax);
    const { noticePauseMs } = limits;
    for (const peer of peers.keys()) if (peer !== id) this.wanted.add(peer);
    const isPeer = (peer: NodeId): boolean => this.wanted.has(peer);
    const isJoining = configurationDigest === JOINING_DIGEST;
    this.own = { id, cluster, configurationDigest, isJoining, isPeer };
    this.portNotices = new PortNotices({ clock, noticePauseMs, notify: onNotice, isPeer });
    this.streams = new SnapshotStreams({
      clock,
      limits,
      counters: this.counters,
      notify: onNotice,
      dial: (peer, done) => this.dial(peer, 'snapshot', done),
      onSnapshot: async (from, head, content) => this.events?.onSnapshot(from, head, content),
    });
    this.listener = new Listener(complete.listen, {
      ...limits,
      clock,
      channels: this.channels,
      notify: (notice) => this.portNotices.add(notice),
      onChannel: (channel, release) => this.receive(channel, release),
    });
  }

  /** Where it listens once it was started; `null` before, and after `close`. */
  get port(): number | null {
    return this.listener.port;
  }

  /** Counted since it was made, but for those of now; a copy. */
  metrics(): TransportMetrics {
    const links = [...this.links.values()];
    const connectedPeers = links.filter((link) => link.isConnected).length;
    const queuedBytes = links.reduce((total, link) => total + link.queuedBytes, 0);
    const { count: snapshotStreams, queuedBytes: snapshotQueuedBytes } = this.streams;
    return { ...this.counters, connectedPeers, queuedBytes, snapshotStreams, snapshotQueuedBytes };
  }

  /** In the place of those of the options, whose addresses still count; who is none any more is heard, and not dialed. */
  setPeers(peers: readonly PeerAddress[]): void {
    this.wanted.clear();
    for (const { id, address } of peers) {
      this.wanted.add(id);
      if (address !== null) this.addresses.set(id, address);
    }
    if (this.events === null || this.isClosed) return;
    for (const [id, link] of this.links) link.setWanted(this.wanted.has(id));
    for (const id of this.wanted) if (!this.links.has(id)) this.linkTo(id, this.events).start();
  }

  /**
   * @throws {ListenError} if the address cannot be listened at.
   * @throws {TransportClosedError} if it was started or closed before.
   */
  async start(events: TransportEvents): Promise<void> {
    if (this.events !== null || this.allClosed !== null) throw new TransportClosedError();
    this.events = events;
    for (const peer of this.wanted) this.linkTo(peer, events);
    await this.listener.start();
    if (this.isClosed) return;
    for (const link of this.links.values()) link.start();
  }

  send(to: NodeId, messages: readonly Message[]): void {
    const link = this.links.get(to);
    if (messages.length === 0) return;
    if (this.isClosed || link === undefined || !link.isConnected || !this.trySend(to, link, messages)) {
      this.counters.sendsDropped += 1;
    }
  }

  /** As the port says; `done` is told a `SnapshotEndedError`. */
  sendSnapshot(
    to: NodeId,
    head: Uint8Array,
    content: AsyncIterable<Uint8Array>,
    done: (error: Error | null) => void,
  ): void {
    this.streams.send(to, { head, content, done }, this.links.get(to)?.isConnected ?? false);
  }

  close(): Promise<void> {
    this.allClosed ??= this.closeAll();
    return this.allClosed;
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private linkTo(peer: NodeId, events: TransportEvents): PeerLink {
    const link = new PeerLink(peer, dials(this.options.id, peer), this.linkHost(events));
    this.links.set(peer, link);
    return link;
  }

  private get isClosed(): boolean {
    return this.allClosed !== null;
  }

  private async closeAll(): Promise<void> {
    // The port first: a peer that sees its connection closed looks at once whether someone is there.
    const listenerClosed = this.listener.close();
    this.portNotices.close();
    this.streams.close();
    for (const link of this.links.values()) link.close();
    for (const channel of this.channels) channel.close(NORMAL, 'this node stops');
    const cutRest = this.options.clock.after(CLOSE_TIMEOUT_MS, () => {
      for (const channel of this.channels) channel.cut();
    });
    await Promise.all([listenerClosed, ...[...this.channels].map((channel) => channel.closed)]);
    cutRest();
  }

  private trySend(peer: NodeId, link: PeerLink, messages: readonly Message[]): boolean {
    try {
      return link.send(() => this.encoder.encode(messages));
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      this.options.onNotice({ kind: 'unsendable', peer, reason: error.message });
      return false;
    }
  }

  /** Someone came to the port. */
  private receive(channel: Channel, release: () => void): void {
    const refuseIt = (refusal: Refusal, peer: NodeId | null): void => {
      release();
      refuse(channel, refusal);
      const { address } = channel;
      const { kind, reason } = refusal;
      this.portNotices.add({ kind: 'refused', by: 'this-node', peer, address, refusal: kind, reason });
    };
    hearHello(channel, {
      onHello: (hello) => {
        const answer = this.answerTo(hello);
        if ('reason' in answer) return refuseIt(answer, hello.from);
        release();
        this.welcome(channel, hello, answer);
      },
      onRefusal: (refusal) => refuseIt(refusal, null),
      onEnd: (end) => {
        release();
        if (end.kind === 'fault')
          this.portNotices.add({ kind: 'stranger', address: channel.address, reason: end.reason });
      },
    });
  }

  private answerTo(hello: Hello): Hello | Refusal {
    // Nothing is said of this node before its name was meant; its cluster's id decides whom else it hears.
    const answer = this.hello(hello.from, purposeOf(hello, this.own.isPeer(hello.from)));
    const own = sideOf(this.own, answer.greeting);
    const refusal = judgeNames(own, hello, answer.greeting.clusterId) ?? judgeTurn(hello);
    if (refusal !== null) return refusal;
    return judgeCluster(own, answer.greeting, hello) ?? this.judgeRoom(hello) ?? answer;
  }

  /** Their names are theirs to choose: those that are gone make room, those that are there do not. */
  private judgeRoom({ from: peer, purpose }: Hello): Refusal | null {
    // A snapshot takes no link: how many come in is bounded by itself.
    if (purpose === 'snapshot') return null;
    if (this.links.has(peer) || this.wanted.has(peer)) return null;
    const unnamed = [...this.links].filter(([id]) => !this.wanted.has(id));
    if (unnamed.length < this.options.limits.unnamedPeersMax) return null;
    const gone = unnamed.find(([, link]) => !link.isConnected);
    if (gone === undefined) return tooManyUnnamed(unnamed.length);
    const [id, link] = gone;
    link.close();
    this.links.delete(id);
    return null;
  }

  private welcome(channel: Channel, hello: Hello, answer: Hello): void {
    channel.send(encodeHello(answer));
    if (hello.purpose === 'snapshot') return this.streams.receive(hello.from, channel);
    const link = this.links.get(hello.from) ?? this.strangerLink(hello.from);
    if (answer.purpose === 'stay') return link?.adopt(channel, hello.greeting);
    channel.close(NORMAL, 'answered');
    link?.onProbe(hello.greeting);
  }

  /** Of a node of this cluster that the configuration here does not name: it is heard, and not dialed. */
  private strangerLink(peer: NodeId): PeerLink | null {
    if (this.events === null) return null;
    const link = this.linkTo(peer, this.events);
    link.setWanted(false);
    return link;
  }

  private hello(to: NodeId, purpose: Purpose): Hello {
    if (this.events === null) throw new Error('a hello before the start');
    const greeting = this.events.greetingFor(to);
    const { id: from, cluster, configurationDigest } = sideOf(this.own, greeting);
    return { purpose, from, to, cluster, configurationDigest, greeting };
  }

  private linkHost(events: TransportEvents): PeerLinkHost {
    const { clock, random, limits, onNotice } = this.options;
    return {
      clock,
      random,
      limits,
      counters: this.counters,
      notify: onNotice,
      dial: (peer, purpose, done) => this.dial(peer, purpose, done),
      // What was told a moment ago may have closed the transport.
      onConnected: (peer, greeting) => this.isClosed || events.onConnected(peer, greeting),
      onReceived: (peer, messages) => this.isClosed || events.onReceived(peer, messages),
      onDisconnected: (peer, processGone) => this.isClosed || events.onDisconnected(peer, processGone),
    };
  }

  private dial(peer: NodeId, purpose: Purpose, done: (result: DialResult) => void): Dial {
    const { clock, limits, peers } = this.options;
    const host: DialHost = {
      clock,
      channels: this.channels,
      ...limits,
      addressOf: () => {
        const url = peers.get(peer) ?? this.addresses.get(peer) ?? null;
        return typeof url === 'function' ? url() : url;
      },
      hello: () => this.hello(peer, purpose),
      judge: (answer, own) => this.judgeAnswer(peer, answer, own),
    };
    return new Dial(peer, host, (result) => {
      if (result.kind === 'answered' && result.purpose === 'probe') result.channel.close(NORMAL, 'answered');
      done(result);
    });
  }

  private judgeAnswer(peer: NodeId, answer: Hello, own: Hello): Refusal | null {
    const side = sideOf(this.own, own.greeting);
    const refusal =
      judgeNames(side, answer, own.greeting.clusterId) ?? judgeCluster(side, own.greeting, answer);
    if (refusal !== null || answer.from === peer) return refusal;
    return wrongNode(peer, answer.from);
  }
}
