/** Snapshots to send and to take, and whoever speaks the protocol of a receiver. */

import { nodeId } from '@raftkv/core';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { decodeHello, encodeHello } from '../../src/bytes/hello.ts';
import {
  encodeReceiverFrame,
  encodeSenderFrame,
  type ReceiverFrame,
  type SenderFrame,
} from '../../src/bytes/snapshot-frame.ts';
import { SnapshotEndedError, type WebSocketTransportOptions } from '../../src/index.ts';
import { greeted, helloOf } from './fake-peer.ts';
import type { Party, Stage } from './stage.ts';

export const KIB = 1024;
export const MIB: number = 1024 * KIB;
export const HEAD: Uint8Array = Uint8Array.of(1, 2, 3);

/** Pieces of 64 KiB, and what has been asked of it. */
export class Source implements AsyncIterableIterator<Uint8Array> {
  pulledBytes = 0;
  isLetGo = false;
  private readonly bytes: number;
  private readonly ending: 'ends' | 'stands still';

  constructor(bytes: number, ending: 'ends' | 'stands still' = 'ends') {
    this.bytes = bytes;
    this.ending = ending;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.pulledBytes >= this.bytes) {
      if (this.ending === 'stands still') return new Promise(() => {});
      return Promise.resolve({ done: true, value: undefined });
    }
    const length = Math.min(64 * KIB, this.bytes - this.pulledBytes);
    const value = new Uint8Array(length).fill(this.pulledBytes / 64 / KIB);
    this.pulledBytes += length;
    return Promise.resolve({ done: false, value });
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.isLetGo = true;
    return Promise.resolve({ done: true, value: undefined });
  }
}

/** What `done` is told. */
export function send(
  by: Party,
  to: string,
  source: AsyncIterable<Uint8Array>,
): Promise<SnapshotEndedError | null> {
  return new Promise((resolve, reject) => {
    by.transport.sendSnapshot(nodeId(to), HEAD, source, (error) => {
      if (error === null || error instanceof SnapshotEndedError) resolve(error);
      else reject(error);
    });
  });
}

/** What comes of reading all that `party` is sent next, and a promise of the first piece. */
export function taking(party: Party): {
  readonly begun: Promise<void>;
  readonly outcome: Promise<number | SnapshotEndedError>;
} {
  const first = gate();
  const outcome = new Promise<number | SnapshotEndedError>((resolve) => {
    party.take = async (_, content) => {
      let bytes = 0;
      try {
        for await (const piece of content) {
          bytes += piece.length;
          first.open();
        }
        resolve(bytes);
      } catch (error) {
        if (error instanceof SnapshotEndedError) resolve(error);
        throw error;
      }
    };
  });
  return { begun: first.opened, outcome };
}

/** Something that a test lets happen. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const opening = new AbortController();
  const opened = once(opening.signal, 'abort').then(() => {});
  return { opened, open: () => opening.abort() };
}

/** Looks at every turn of the event loop: for what no event tells. */
export async function turnsUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

export function toReceiver(...frames: readonly SenderFrame[]): (webSocket: WebSocket) => void {
  return (webSocket) => frames.forEach((frame) => webSocket.send(encodeSenderFrame(frame)));
}

export function toSender(...frames: readonly ReceiverFrame[]): (webSocket: WebSocket) => void {
  return (webSocket) => frames.forEach((frame) => webSocket.send(encodeReceiverFrame(frame)));
}

/** Node `b` as far as handshakes: connected to by `a`, and sent snapshots that it does nothing with by itself. */
class FakeReceiver {
  private readonly server: Server = createServer();
  private readonly webSockets = new WebSocketServer({ server: this.server });
  /** The stream that `a` opens next, after the hellos. */
  readonly stream: Promise<WebSocket>;

  constructor() {
    this.stream = new Promise((resolve) => {
      this.webSockets.on('connection', (webSocket) => {
        webSocket.on('error', () => {});
        webSocket.once('message', (bytes: Buffer) => {
          const heard = decodeHello(bytes);
          if (heard.kind !== 'hello') return webSocket.close();
          const { purpose } = heard.hello;
          webSocket.send(encodeHello(helloOf('b', 'a', { purpose })));
          if (purpose === 'snapshot') resolve(webSocket);
        });
      });
    });
  }

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    for (const webSocket of this.webSockets.clients) webSocket.terminate();
    this.server.close();
  }
}

/** A stream to `b` whose head has arrived. */
export async function streaming(stage: Stage, b: Party): Promise<WebSocket> {
  const stream = await greeted(b.transport.port, helloOf('a', 'b', { purpose: 'snapshot' }));
  toReceiver({ kind: 'head', isLast: true, bytes: HEAD })(stream);
  await stage.until(() => b.events.at(-1) === 'a sends a snapshot');
  return stream;
}

/** Node `a`, connected with a receiver that does nothing, and what comes of a snapshot to it. */
export async function sendingToFake(
  stage: Stage,
  source: Source,
  options: Partial<WebSocketTransportOptions> = {},
) {
  const receiver = new FakeReceiver();
  stage.urls.set('b', await receiver.start());
  const a = await stage.start('a', 1, options);
  await stage.until(() => a.events.includes('b connected'));
  const outcome = send(a, 'b', source);
  return { a, outcome, receiver, stream: await receiver.stream };
}
