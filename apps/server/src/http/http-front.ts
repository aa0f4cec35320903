/** The client port: HTTP for people, probes and Prometheus, and the door to the WebSocket. */

import { PROTOCOL_VERSION } from '@raftkv/kv-protocol';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClientSockets } from '../client-socket/client-sockets.ts';
import type { Address } from '../configuration/address.ts';
import type { CompleteOptions } from '../configuration/options.ts';
import { ClientListenError } from '../errors.ts';
import { nodeOf, whyNoNode, whyNotReady, type Phase } from '../node/phase.ts';
import type { UnderWay } from '../under-way.ts';
import { VERSION } from '../version.ts';
import type { Access } from './access.ts';
import { refuseUpgrade, send, sendError, sendJson, sendText } from './answer.ts';
import { BadRequest } from './key.ts';
import { KEY_PATH, methodNotAllowed, onKeyRequest } from './key-value.ts';
import type { Metrics } from './metrics.ts';

export interface HttpFrontHost {
  readonly options: CompleteOptions;
  readonly underWay: UnderWay;
  readonly sockets: ClientSockets;
  readonly access: Access;
  readonly metrics: Metrics;
  phase(): Phase;
}

const SERVER = {
  // A key of 4 KiB is three times as long when every byte of it is percent-encoded.
  maxHeaderSize: 32 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
};

type Page = (response: ServerResponse) => void | Promise<void>;

export class HttpFront {
  private readonly host: HttpFrontHost;
  private readonly server: Server;
  private readonly pages: ReadonlyMap<string, Page>;

  constructor(host: HttpFrontHost) {
    this.host = host;
    this.server = createServer(SERVER, (request, response) => void this.onRequest(request, response));
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.onUpgrade(request, socket, head),
    );
    this.server.on('clientError', (error, socket) => {
      if (socket.writable) refuseUpgrade(socket, 400, 'invalid-request', `this is no HTTP: ${error.message}`);
      else socket.destroy();
    });
    this.pages = new Map<string, Page>([
      ['/livez', (response) => sendText(response, 200, 'ok')],
      ['/readyz', (response) => this.readiness(response)],
      ['/metrics', (response) => this.numbers(response)],
      ['/version', (response) => sendJson(response, 200, { version: VERSION, protocol: PROTOCOL_VERSION })],
      ['/v1/status', (response) => this.status(response)],
    ]);
  }

  /** Gives the port. @throws {ClientListenError} */
  listen({ host, port }: Address): Promise<number> {
    const { server } = this;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(new ClientListenError(host, port, error)));
      server.listen({ host, port }, () => {
        server.removeAllListeners('error');
        // Such as too many open files: whoever came is lost, the others are not.
        server.on('error', (error) =>
          this.host.options.log.warn({ reason: error.message }, 'a client was not let in'),
        );
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** From this call on nobody is let in; whoever is inside is let out when answered. */
  stopListening(): void {
    this.server.close();
    this.server.closeIdleConnections();
  }

  /** Whoever is still inside is put out. */
  close(): void {
    this.server.closeAllConnections();
  }

  private onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until someone takes it over, an error of it is nobody's.
    socket.on('error', () => socket.destroy());
    const refusal = this.host.access.refusalOf(request, true);
    if (refusal !== null) return refuseUpgrade(socket, 403, 'forbidden', refusal);
    this.host.sockets.upgrade(request, socket, head);
  }

  private async onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { underWay, options } = this.host;
    underWay.begin();
    // When it has been sent whole, or whoever asked has left.
    response.once('close', () => underWay.end());
    try {
      await this.answer(request, response);
    } catch (error) {
      if (error instanceof BadRequest) return sendError(response, error.error);
      // Not the client's text, nor more than it may know: the log has the rest.
      if (!request.destroyed)
        options.log.error({ error: String(error), url: request.url }, 'a request failed');
      sendError(response, {
        status: 500,
        code: 'outcome-unknown',
        outcome: 'unknown',
        message: 'an error of this node',
      });
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.host.access.refusalOf(request, false);
    if (refusal !== null) return sendError(response, { status: 403, code: 'forbidden', message: refusal });
    const [path = '', ...rest] = (request.url ?? '').split('?');
    const phase = this.host.phase();
    if (phase.kind === 'stopping') response.setHeader('Connection', 'close');
    const page = this.pages.get(path);
    if (page !== undefined) {
      if (request.method === 'GET' || request.method === 'HEAD') return page(response);
      return sendError(response, methodNotAllowed('GET, HEAD'));
    }
    if (!path.startsWith(KEY_PATH)) return this.nothingThere(response);
    const node = nodeOf(phase);
    if (node === null) {
      return sendError(response, { status: 503, code: 'unavailable', message: whyNoNode(phase) });
    }
    await onKeyRequest({ node, request, response, path, query: new URLSearchParams(rest.join('?')) });
  }

  private nothingThere(response: ServerResponse): void {
    const message = `there is nothing here; there is ${[...this.pages.keys()].join(', ')} and ${KEY_PATH}<key>`;
    sendError(response, { status: 404, code: 'not-found', message });
  }

  private async readiness(response: ServerResponse): Promise<void> {
    const why = await whyNotReady(this.host.phase(), this.host.options.limits.readyMs);
    if (why === null) sendText(response, 200, 'ok');
    else sendText(response, 503, why);
  }

  private async numbers(response: ServerResponse): Promise<void> {
    const { metrics } = this.host;
    send(response, 200, { 'Content-Type': metrics.contentType }, await metrics.text());
  }

  private status(response: ServerResponse): void {
    const phase = this.host.phase();
    const node = nodeOf(phase);
    if (node !== null) sendJson(response, 200, node.status());
    else sendError(response, { status: 503, code: 'unavailable', message: whyNoNode(phase) });
  }
}
