/** A node over real sockets on loopback, with the scripted store behind it. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  decodeClientFrame,
  serverFrameWriter,
  type ClientMessage,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import { WebSocket, WebSocketServer } from 'ws';
import { ScriptedStore } from './store.ts';

export class LoopbackNode {
  readonly store = new ScriptedStore();
  readonly subprotocols: string[] = [];
  /** How many messages each frame had. */
  readonly frames: number[] = [];
  /** Breaks the connection of the next request after it went through. */
  cutsNext = false;
  private readonly server = new WebSocketServer({ host: '127.0.0.1', port: 0 });

  async start(): Promise<string> {
    this.server.on('connection', (socket) => this.onConnection(socket));
    await once(this.server, 'listening');
    const { port } = this.server.address() as AddressInfo;
    return `ws://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.server.clients) socket.terminate();
    await new Promise((resolve) => {
      this.server.close(resolve);
    });
  }

  broadcast(data: string | Uint8Array): void {
    for (const socket of this.server.clients) socket.send(data);
  }

  /** Its answers to one frame leave in one. */
  private onConnection(socket: WebSocket): void {
    this.subprotocols.push(socket.protocol);
    const frames = serverFrameWriter((frame) => socket.send(frame));
    socket.on('message', (data: Buffer) => {
      const messages = decodeClientFrame(data);
      this.frames.push(messages.length);
      for (const message of messages) {
        if (socket.readyState !== WebSocket.OPEN) return;
        const answer = this.answer(message, socket);
        if (answer !== null) frames.add(answer);
      }
      frames.flush();
    });
  }

  /** Null where the connection broke before it. */
  private answer(message: ClientMessage, socket: WebSocket): ServerMessage | null {
    if (message.kind === 'hello') {
      const directory = { leaderUrl: null, urls: [] };
      return { kind: 'hello', version: 1, cluster: 'c1', node: 'n1', clientUrl: null, directory };
    }
    const response = this.store.serve(message.request);
    if (this.cutsNext) socket.terminate();
    else return { kind: 'response', id: message.id, response };
    this.cutsNext = false;
    return null;
  }
}
