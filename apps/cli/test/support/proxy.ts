/** Stands before a node, passes messages on, and swallows some requests: whoever made them never learns their outcome. */

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { afterTest } from './cleanups.ts';

export class Proxy {
  readonly clientUrl: string;
  /** Resolves when the node has said something to a client. */
  readonly greeted: Promise<void>;
  /** Resolves when a request with `marker` in it has come. */
  readonly swallowed: Promise<void>;
  private readonly marker: string;
  private target = '';
  private onGreeted: () => void = () => {};
  private onSwallowed: () => void = () => {};

  private constructor(server: WebSocketServer, marker: string) {
    this.clientUrl = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.marker = marker;
    this.greeted = new Promise((resolve) => {
      this.onGreeted = resolve;
    });
    this.swallowed = new Promise((resolve) => {
      this.onSwallowed = resolve;
    });
    server.on('connection', (client) => this.onConnection(client));
  }

  /** Its URL is known before that of the node, which has to advertise it: clients go to where the leader says it is. */
  static async listening(marker: string): Promise<Proxy> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port: 0,
      handleProtocols: ([first]) => first ?? false,
    });
    await once(server, 'listening');
    afterTest(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    return new Proxy(server, marker);
  }

  /** @param url where the node listens, which is not where it says that it is. */
  standBefore(url: string): void {
    this.target = url;
  }

  private onConnection(client: WebSocket): void {
    const node = new WebSocket(this.target, client.protocol, { perMessageDeflate: false });
    const waiting: Buffer[] = [];
    const pass = (message: Buffer): void => {
      if (message.includes(this.marker)) this.onSwallowed();
      else node.send(message);
    };
    node.on('open', () => waiting.splice(0).forEach(pass));
    node.on('message', (message: Buffer) => {
      client.send(message);
      this.onGreeted();
    });
    node.on('error', () => client.terminate());
    node.on('close', () => client.terminate());
    client.on('message', (message: Buffer) => {
      if (node.readyState === WebSocket.OPEN) pass(message);
      else waiting.push(message);
    });
    client.on('close', () => node.terminate());
  }
}
