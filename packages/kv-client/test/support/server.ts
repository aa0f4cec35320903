/** A node over real sockets on loopback, with the scripted store behind it. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { decodeClientMessage, encodeServerMessage, type ServerMessage } from '@raftkv/kv-protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import { ScriptedStore } from './store.ts';

export class LoopbackNode {
  readonly store = new ScriptedStore();
  readonly subprotocols: string[] = [];
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

  private onConnection(socket: WebSocket): void {
    this.subprotocols.push(socket.protocol);
    socket.on('message', (data: Buffer) => {
      const message = decodeClientMessage(new Uint8Array(data));
      if (message.kind === 'hello') {
        const directory = { leaderUrl: null, urls: [] };
        say(socket, { kind: 'hello', version: 1, cluster: 'c1', node: 'n1', directory });
        return;
      }
      const response = this.store.serve(message.request);
      if (this.cutsNext) socket.terminate();
      else say(socket, { kind: 'response', id: message.id, response });
      this.cutsNext = false;
    });
  }
}

function say(socket: WebSocket, message: ServerMessage): void {
  socket.send(encodeServerMessage(message));
}
