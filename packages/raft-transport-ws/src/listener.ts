/** The port: lets in whoever asks for the protocol of peers, and keeps everyone else short. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type ServerOptions } from 'ws';
import { Channel, CLOSE_TIMEOUT_MS, SUBPROTOCOL } from './channel.ts';
import type { TransportClock } from './clock.ts';
import { ListenError } from './errors.ts';
import type { Listen } from './options.ts';
import type { PortNotice } from './port-notices.ts';
import { Strangers } from './strangers.ts';

export interface ListenerHost {
  readonly clock: TransportClock;
  readonly channels: Set<Channel>;
  readonly handshakeMs: number;
  readonly frameBytesMax: number;
  readonly strangersMax: number;
  notify(notice: PortNotice): void;
  /** `release` when it has said who it is, or was refused. */
  onChannel(channel: Channel, release: () => void): void;
}

export class Listener {
  private readonly listen: Listen;
  private readonly host: ListenerHost;
  private readonly server: Server;
  private readonly webSockets: WebSocketServer;
  private readonly strangers: Strangers;
  private starting: Promise<void> = Promise.resolve();
  private readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
    this.upgrade(request, socket, head);

  constructor(listen: Listen, host: ListenerHost) {
    this.listen = listen;
    this.host = host;
    this.strangers = new Strangers(host);
    this.server = 'server' in listen ? listen.server : this.ownServer();
    this.webSockets = new WebSocketServer(serverOptions(host.frameBytesMax));
    this.webSockets.on('wsClientError', (error, socket, request) => {
      this.turnAway(socket, request, '400 Bad Request', error.message);
    });
  }

  get port(): number | null {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  }

  /** @throws {ListenError} */
  start(): Promise<void> {
    this.server.on('upgrade', this.onUpgrade);
    if (!('server' in this.listen)) this.starting = this.open(this.listen);
    return this.starting;
  }

  /** From this call on nobody is let in. Resolves when the port is closed and its connections are, if it is its own. */
  close(): Promise<void> {
    this.server.off('upgrade', this.onUpgrade);
    this.strangers.cutAll();
    if ('server' in this.listen) return Promise.resolve();
    if (this.server.listening) return this.closeServer();
    return this.starting.then(
      () => this.closeServer(),
      () => {},
    );
  }

  private open({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    const { server } = this;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(new ListenError(host, port, error)));
      server.listen({ host, port }, () => {
        server.removeAllListeners('error');
        server.on('error', (error) =>
          this.host.notify({ kind: 'stranger', address: host, reason: error.message }),
        );
        resolve();
      });
    });
  }

  private closeServer(): Promise<void> {
    return new Promise((resolve) => {
      // Where it never listened it says so, and is closed all the same.
      this.server.close(() => resolve());
    });
  }

  private ownServer(): Server {
    const server = createServer(answerRequest);
    server.on('connection', (socket) => this.strangers.add(socket));
    server.on('request', (request) => {
      const reason = `${request.method} ${request.url}, where peers open a WebSocket`;
      this.strangers.notice(request.socket, reason);
    });
    server.on('clientError', (error, socket) => {
      // Whoever hangs up has said nothing wrong.
      const isHangUp = 'code' in error && error.code === 'ECONNRESET';
      if (!isHangUp) this.strangers.notice(socket, `no HTTP: ${error.message}`);
      socket.destroy();
    });
    return server;
  }

  private upgrade(request: IncomingMessage, duplex: Duplex, head: Buffer): void {
    const { socket } = request;
    if (!offered(request).includes(SUBPROTOCOL)) {
      if ('server' in this.listen) return;
      return this.turnAway(
        duplex,
        request,
        '400 Bad Request',
        `a WebSocket without subprotocol ${SUBPROTOCOL}`,
      );
    }
    // Browsers always send it and peers never do: no web page speaks to a peer port.
    if (request.headers.origin !== undefined) {
      return this.turnAway(duplex, request, '403 Forbidden', `a web page of ${request.headers.origin}`);
    }
    if (!this.strangers.add(socket)) return;
    this.webSockets.handleUpgrade(request, duplex, head, (webSocket) => {
      const channel = new Channel(webSocket, socket, this.host.channels);
      this.host.onChannel(channel, () => this.strangers.remove(socket));
    });
  }

  private turnAway(duplex: Duplex, { socket }: IncomingMessage, status: string, reason: string): void {
    this.strangers.notice(socket, reason);
    // It may be gone already, which harms nobody.
    duplex.on('error', () => {});
    const response = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
    duplex.end(response, () => duplex.destroy());
  }
}

function answerRequest(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  response.writeHead(426, { 'content-type': 'text/plain', connection: 'close', upgrade: 'websocket' });
  response.end(`This port is for the other nodes of a cluster, which speak ${SUBPROTOCOL}.\n`);
}

function serverOptions(maxPayload: number): ServerOptions & { closeTimeout: number } {
  return {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload,
    closeTimeout: CLOSE_TIMEOUT_MS,
    handleProtocols: () => SUBPROTOCOL,
  };
}

function offered(request: IncomingMessage): string[] {
  const header = request.headers['sec-websocket-protocol'] ?? '';
  return header.split(',').map((protocol) => protocol.trim());
}
