/** Nodes that only listen and remember, over real sockets; waits for events, never for time. */

import {
  nodeId,
  term,
  type Configuration,
  type Message,
  type NodeId,
  type Round,
  firstConfiguration,
} from '@raftkv/core';
import type { Greeting, TransportEvents } from '@raftkv/runtime';
import type { PeerUrl, TransportNotice, WebSocketTransportOptions } from '../../src/index.ts';
import { WebSocketTransport } from '../../src/index.ts';

export const A: NodeId = nodeId('a');
export const B: NodeId = nodeId('b');

export function configurationOf(...ids: readonly string[]): Configuration {
  return firstConfiguration(ids.map((id) => ({ id: nodeId(id), data: new Uint8Array() })));
}

export function greetingOf(processNumber: number, more: Partial<Greeting> = {}): Greeting {
  const incarnation = new Uint8Array(16).fill(processNumber);
  const about = new Uint8Array();
  return {
    processNumber,
    incarnation,
    clusterId: null,
    hasLog: false,
    hasJoined: false,
    metAs: null,
    about,
    ...more,
  };
}

/** A small message; the term tells it from others. */
export function heartbeat(inTerm: number): Message {
  return { kind: 'roundReply', term: term(inTerm), round: 0 as Round };
}

/** An append with one entry of that many bytes. */
export function appendOf(bytes: number): Message {
  const entries = [{ index: 1, term: 1, kind: 'command', data: new Uint8Array(bytes) }];
  const head = { kind: 'append', term: 1, prevIndex: 0, prevTerm: 0, commitIndex: 0, round: 0 };
  return { ...head, entries } as unknown as Message;
}

type PartyOptions = Partial<WebSocketTransportOptions> & { readonly greeting?: Partial<Greeting> };

export class Stage {
  /** Where each node is; those that are not there are at a port where nobody listens. */
  readonly urls = new Map<string, string>();
  private readonly parties: Party[] = [];
  private readonly waiting = new Set<() => void>();

  /** Made, not started. */
  party(id: string, processNumber: number, options: PartyOptions = {}): Party {
    const party = new Party(this, id, processNumber, options);
    this.parties.push(party);
    return party;
  }

  async start(id: string, processNumber: number, options: PartyOptions = {}): Promise<Party> {
    const party = this.party(id, processNumber, options);
    await party.start();
    return party;
  }

  /** Both there, and connected. */
  async pair(options: PartyOptions = {}): Promise<readonly [Party, Party]> {
    const [a, b] = [await this.start('a', 1, options), await this.start('b', 2, options)];
    await this.until(() => a.events.includes('b connected') && b.events.includes('a connected'));
    return [a, b];
  }

  peersOf(id: string): ReadonlyMap<NodeId, PeerUrl> {
    const others = ['a', 'b', 'c'].filter((other) => other !== id && (other !== 'c' || this.urls.has('c')));
    return new Map(others.map((other) => [nodeId(other), () => this.urls.get(other) ?? null]));
  }

  /** Looks again after every event and notice of any node. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  changed(): void {
    for (const look of this.waiting) look();
  }

  async end(): Promise<void> {
    await Promise.all(this.parties.map((party) => party.transport.close()));
  }
}

export class Party implements TransportEvents {
  readonly id: string;
  readonly transport: WebSocketTransport;
  readonly events: string[] = [];
  readonly notices: TransportNotice[] = [];
  readonly greetings: Greeting[] = [];
  readonly frames: (readonly Message[])[] = [];
  /** What it does with a snapshot; a test that sends one says so. */
  take: (head: Uint8Array, content: AsyncIterable<Uint8Array>) => Promise<void> = () =>
    Promise.reject(new Error('nobody asked for a snapshot'));
  private readonly stage: Stage;
  private readonly greeting: Greeting;

  constructor(stage: Stage, id: string, processNumber: number, { greeting, ...options }: PartyOptions) {
    this.stage = stage;
    this.id = id;
    this.greeting = greetingOf(processNumber, greeting);
    this.transport = new WebSocketTransport({
      id: nodeId(id),
      cluster: 'tests',
      configuration: configurationOf('a', 'b'),
      listen: { host: '127.0.0.1', port: 0 },
      peers: stage.peersOf(id),
      onNotice: (notice) => {
        this.notices.push(notice);
        stage.changed();
      },
      ...options,
    });
  }

  async start(): Promise<void> {
    const starting = this.transport.start(this);
    await starting;
    this.stage.urls.set(this.id, `ws://127.0.0.1:${this.transport.port}`);
  }

  noticesOf<Kind extends TransportNotice['kind']>(kind: Kind): Extract<TransportNotice, { kind: Kind }>[] {
    return this.notices.filter(
      (notice): notice is Extract<TransportNotice, { kind: Kind }> => notice.kind === kind,
    );
  }

  greetingFor(): Greeting {
    return this.greeting;
  }

  onConnected(peer: NodeId, greeting: Greeting): void {
    this.greetings.push(greeting);
    this.note(`${peer} connected`);
  }

  onReceived(from: NodeId, messages: readonly Message[]): void {
    this.frames.push(messages);
    this.note(`${from} spoke`);
  }

  onSnapshot(from: NodeId, head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.note(`${from} sends a snapshot`);
    return this.take(head, content);
  }

  onDisconnected(peer: NodeId, processGone: boolean): void {
    this.note(`${peer} ${processGone ? 'gone' : 'disconnected'}`);
  }

  private note(event: string): void {
    this.events.push(event);
    this.stage.changed();
  }
}
