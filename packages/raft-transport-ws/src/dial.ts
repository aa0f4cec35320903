/** One attempt to reach a peer: connects, says hello, hears hello. */

import type { NodeId } from '@raftkv/core';
import type { Greeting } from '@raftkv/runtime';
import type { Socket } from 'node:net';
import { WebSocket, type ClientOptions } from 'ws';
import { encodeHello, type Hello, type Purpose } from './bytes/hello.ts';
import { Channel, CLOSE_TIMEOUT_MS, SUBPROTOCOL, type ChannelEnd } from './channel.ts';
import type { Cancel, TransportClock } from './clock.ts';
import { hearHello, refuse } from './handshake.ts';
import { reasonOf } from './reason.ts';
import { refusalKindOf, type Refusal } from './refusal.ts';

export type DialResult =
  | {
      readonly kind: 'answered';
      readonly channel: Channel;
      readonly greeting: Greeting;
      /** What the peer makes of it; another one than was asked for only where that was a probe. */
      readonly purpose: Purpose;
    }
  | {
      readonly kind: 'refused';
      readonly by: 'this-node' | 'the-peer';
      readonly refusal: Refusal;
      readonly address: string;
    }
  | { readonly kind: 'failed'; readonly reason: string }
  /** Nobody said where the peer is. */
  | { readonly kind: 'unaddressed' };

export interface DialHost {
  readonly clock: TransportClock;
  readonly channels: Set<Channel>;
  readonly handshakeMs: number;
  readonly frameBytesMax: number;
  /** `null` where it is not known. May throw. */
  addressOf(peer: NodeId): string | null;
  hello(): Hello;
  judge(answer: Hello, own: Hello): Refusal | null;
}

export class Dial {
  private readonly host: DialHost;
  private readonly done: (result: DialResult) => void;
  private readonly stopTimer: Cancel;
  private webSocket: WebSocket | null = null;
  private isOver = false;

  /** @param done called once, never within this call, and not after `abort`. */
  constructor(peer: NodeId, host: DialHost, done: (result: DialResult) => void) {
    this.host = host;
    this.done = done;
    const { handshakeMs } = host;
    this.stopTimer = host.clock.after(handshakeMs, () => this.fail(`no handshake within ${handshakeMs} ms`));
    queueMicrotask(() => this.begin(peer));
  }

  abort(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopTimer();
    this.webSocket?.terminate();
  }

  private begin(peer: NodeId): void {
    if (this.isOver) return;
    try {
      const url = this.host.addressOf(peer);
      if (url === null) return this.finish({ kind: 'unaddressed' });
      this.connect(url);
    } catch (error) {
      this.fail(reasonOf(error));
    }
  }

  private connect(url: string): void {
    const webSocket = new WebSocket(url, SUBPROTOCOL, clientOptions(this.host.frameBytesMax));
    this.webSocket = webSocket;
    let socket: Socket | null = null;
    webSocket.on('upgrade', (response) => ({ socket } = response));
    webSocket.on('error', (error) => this.fail(reasonOf(error)));
    webSocket.on('open', () => {
      if (socket !== null && !this.isOver) this.greet(new Channel(webSocket, socket, this.host.channels));
    });
  }

  private greet(channel: Channel): void {
    const own = this.host.hello();
    channel.send(encodeHello(own));
    const { address } = channel;
    hearHello(channel, {
      onHello: (answer) => {
        const refusal = this.host.judge(answer, own);
        if (refusal !== null) return this.refuse(channel, refusal);
        const { greeting, purpose } = answer;
        this.finish({ kind: 'answered', channel, greeting, purpose });
      },
      onRefusal: (refusal) => this.refuse(channel, refusal),
      onEnd: (end) => this.finish(resultOfEnd(end, address)),
    });
  }

  private refuse(channel: Channel, refusal: Refusal): void {
    refuse(channel, refusal);
    this.finish({ kind: 'refused', by: 'this-node', refusal, address: channel.address });
  }

  private fail(reason: string): void {
    if (this.isOver) return;
    this.webSocket?.terminate();
    this.finish({ kind: 'failed', reason });
  }

  private finish(result: DialResult): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stopTimer();
    this.done(result);
  }
}

function clientOptions(maxPayload: number): ClientOptions & { closeTimeout: number } {
  return {
    maxPayload,
    closeTimeout: CLOSE_TIMEOUT_MS,
    // It costs a factor of ten.
    perMessageDeflate: false,
    // The buffer comes zeroed, and a mask of zeros leaves the bytes as they are. Masks are there against what a web page
    // could make a browser send through a proxy; here they would cost a copy of every frame.
    generateMask: () => {},
  };
}

function resultOfEnd(end: ChannelEnd, address: string): DialResult {
  if (end.kind === 'fault') return { kind: 'failed', reason: end.reason };
  const kind = refusalKindOf(end.code);
  if (kind === null) return { kind: 'failed', reason: `closed before its hello, code ${end.code}` };
  return { kind: 'refused', by: 'the-peer', refusal: { kind, reason: end.reason }, address };
}
