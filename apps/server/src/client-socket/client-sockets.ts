/** All clients that are connected by WebSocket: who is let in, what all are told, and how all end. */

import {
  CLIENT_SUBPROTOCOL,
  FRAME_BYTES_MAX,
  PROTOCOL_VERSION,
  type Directory,
  type Request,
  type Response,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import { ClientConnection, type ConnectionHost } from '@raftkv/kv-service';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { CompleteOptions } from '../configuration/options.ts';
import { refuseUpgrade } from '../http/answer.ts';
import { nodeOf, whyNoNode, type Phase } from '../node/phase.ts';
import type { UnderWay } from '../under-way.ts';
import { socketOf, wire } from './web-socket.ts';

export interface ClientSocketsHost {
  readonly options: CompleteOptions;
  readonly underWay: UnderWay;
  phase(): Phase;
}

/** A service restarts: the client goes to another node. Source: the registry of RFC 6455 §11.7. */
const GOING_AWAY = 1001;
const WEB_SOCKET = {
  noServer: true,
  clientTracking: false,
  // Compressing each message would cost ten times what it takes to send it.
  perMessageDeflate: false,
  maxPayload: FRAME_BYTES_MAX,
  handleProtocols: () => CLIENT_SUBPROTOCOL,
  // For those who do not answer a close.
  closeTimeout: 1000,
};

export class ClientSockets {
  private readonly host: ClientSocketsHost;
  private readonly webSockets = new WebSocketServer(WEB_SOCKET);
  private readonly connections = new Set<ClientConnection>();
  private readonly connectionHost: ConnectionHost;
  private readonly looks: NodeJS.Timeout;
  private whenEmpty: (() => void) | null = null;
  private faults = 0;

  constructor(host: ClientSocketsHost) {
    this.host = host;
    this.connectionHost = {
      limits: host.options.limits,
      underWay: host.underWay,
      setTimer: (delayMs, callback) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
      hello: () => this.hello(),
      handle: (request, respond) => this.handle(request, respond),
      whyClosed: () => (nodeOf(host.phase()) === null ? whyNoNode(host.phase()) : null),
      onFault: (reason) => {
        this.faults += 1;
        host.options.log.debug({ reason }, 'a client was disconnected because of what it did');
      },
    };
    this.looks = setInterval(() => {
      for (const connection of this.connections) connection.look();
    }, host.options.limits.silenceMs);
    this.webSockets.on('wsClientError', (error, socket) =>
      refuseUpgrade(socket, 400, 'invalid-request', error.message),
    );
  }

  get size(): number {
    return this.connections.size;
  }

  /** Connections that ended because of what the client did. */
  get faultCount(): number {
    return this.faults;
  }

  /** The caller has judged where it comes from. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const phase = this.host.phase();
    if (phase.kind !== 'serving') return refuseUpgrade(socket, 503, 'unavailable', whyNoNode(phase));
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((text) => text.trim());
    if (offered?.includes(CLIENT_SUBPROTOCOL) !== true) {
      const message = `a client asks for the subprotocol ${CLIENT_SUBPROTOCOL}; nodes have a port of their own`;
      return refuseUpgrade(socket, 400, 'invalid-request', message);
    }
    this.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const connection = new ClientConnection(socketOf(webSocket), this.connectionHost);
      wire(webSocket, connection);
      this.connections.add(connection);
      webSocket.on('close', () => this.onClosed(connection));
    });
  }

  tellDirectory(directory: Directory): void {
    for (const connection of this.connections) connection.tellDirectory(directory);
  }

  /** Politely, and after `waitMs` without that. */
  async close(waitMs: number): Promise<void> {
    clearInterval(this.looks);
    if (this.connections.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.whenEmpty = resolve;
    });
    for (const connection of this.connections) connection.close(GOING_AWAY, 'this node stops: go to another');
    const timer = setTimeout(() => {
      for (const connection of this.connections) connection.terminate();
    }, waitMs);
    await empty;
    clearTimeout(timer);
  }

  private hello(): ServerMessage {
    const { clusterToken: cluster, name: node } = this.host.options;
    const service = nodeOf(this.host.phase())?.service;
    const directory = service?.directory ?? { leaderUrl: null, urls: [] };
    const clientUrl = service?.clientUrl ?? null;
    return { kind: 'hello', version: PROTOCOL_VERSION, cluster, node, clientUrl, directory };
  }

  private handle(request: Request, respond: (response: Response) => void): void {
    nodeOf(this.host.phase())?.service.handle(request, respond);
  }

  private onClosed(connection: ClientConnection): void {
    this.connections.delete(connection);
    if (this.connections.size === 0) this.whenEmpty?.();
  }
}
