/**
 * One socket to one node: hellos, then requests with numbers and the responses that carry them. Requests of one turn leave
 * in one frame, at its end. A connection ends once, for one reason; then every request that was under way on it is told so.
 */

import {
  CLIENT_SUBPROTOCOL,
  clientFrameWriter,
  decodeServerFrame,
  PROTOCOL_VERSION,
  type ClientMessage,
  type Directory,
  type FrameWriter,
  type Request,
  type Response,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import { KvError, ProtocolError, UnavailableError } from './errors.ts';
import type { Settings } from './options.ts';
import type { ClientSocket, SocketEvent } from './socket.ts';
import { UnderWay } from './under-way.ts';

export type Hello = Extract<ServerMessage, { kind: 'hello' }>;

export interface Exchange {
  /** Says whether this request can have this response; if not, the node is not to be trusted. */
  onResponse(response: Response): boolean;
  /** The connection has ended without a response: what the node did is not known. */
  onLost(error: KvError): void;
}

/** A request that was sent once. */
export interface Attempt {
  /** Forgets it: its response, if there is one, is ignored. */
  cancel(): void;
}

export interface ConnectionListener {
  onHello(hello: Hello): void;
  onDirectory(directory: Directory): void;
  /** The responses of a frame were handed out. */
  onAnswered(): void;
  onEnd(error: KvError): void;
}

/** Beyond this, what is sent waits here, not in the socket, which would keep it however long it takes. */
const BUFFERED_BYTES_MAX = 16 * 1024 * 1024;

export class Connection {
  readonly url: string;
  private readonly settings: Settings;
  private readonly listener: ConnectionListener;
  private readonly socket: ClientSocket;
  private readonly frames: FrameWriter<ClientMessage>;
  private readonly underWay = new UnderWay<Exchange>();
  private phase: 'connecting' | 'greeted' | 'ended' = 'connecting';
  private isEndOfTurnAwaited = false;
  private cancelHelloTimer: () => void;
  private cancelSilenceTimer: (() => void) | null = null;
  private bufferedAtLastLook = 0;
  /** Since when something is owed and nothing was heard. Stays when a call gives up: the node is no less silent. */
  private silentSinceMs: number | null = null;

  /** @throws whatever the socket factory throws. */
  constructor(url: string, settings: Settings, listener: ConnectionListener) {
    this.url = url;
    this.settings = settings;
    this.listener = listener;
    this.frames = clientFrameWriter((frame) => this.send(frame));
    this.socket = settings.socketFactory(url, CLIENT_SUBPROTOCOL);
    this.socket.binaryType = 'arraybuffer';
    this.socket.addEventListener('open', () => this.onOpen());
    this.socket.addEventListener('message', (event) => this.onMessage(event));
    this.socket.addEventListener('error', (event) => this.endUnreachable(event.error));
    this.socket.addEventListener('close', (event) => this.endUnreachable(closeReason(event)));
    this.cancelHelloTimer = settings.clock.setTimer(settings.helloTimeoutMs, () =>
      this.endUnreachable(`no hello within ${settings.helloTimeoutMs} ms`),
    );
  }

  get isIdle(): boolean {
    return this.underWay.size === 0;
  }

  get canSend(): boolean {
    return this.phase === 'greeted' && this.socket.bufferedAmount + this.frames.bytes <= BUFFERED_BYTES_MAX;
  }

  /** Only while `canSend`. */
  request(request: Request, exchange: Exchange): Attempt {
    const attempt = this.underWay.add(exchange);
    this.frames.add({ kind: 'request', id: attempt.id, request });
    if (!this.isEndOfTurnAwaited) {
      this.isEndOfTurnAwaited = true;
      this.settings.clock.endOfTurn(this.onEndOfTurn);
    }
    this.silentSinceMs ??= this.settings.clock.nowMs();
    if (this.cancelSilenceTimer === null) this.watchForSilence(this.settings.silenceMs);
    return attempt;
  }

  end(error: KvError): void {
    if (this.hasEnded) return;
    this.phase = 'ended';
    this.cancelHelloTimer();
    this.cancelSilenceTimer?.();
    this.socket.close();
    const lost = this.underWay.clear();
    this.listener.onEnd(error);
    for (const exchange of lost) exchange.onLost(error);
  }

  private get hasEnded(): boolean {
    return this.phase === 'ended';
  }

  private onOpen(): void {
    if (this.phase !== 'connecting') return;
    this.frames.add({ kind: 'hello', version: PROTOCOL_VERSION });
    this.frames.flush();
  }

  /** Bound once: it is asked for in each turn. */
  private readonly onEndOfTurn = (): void => {
    this.isEndOfTurnAwaited = false;
    this.frames.flush();
  };

  private onMessage({ data }: SocketEvent): void {
    if (this.hasEnded) return;
    let messages: readonly ServerMessage[];
    try {
      messages = decodeServerFrame(bytesOf(data));
    } catch (error) {
      return this.distrust('it sent what cannot be read', { cause: error });
    }
    let isAnswer = false;
    for (const message of messages) {
      this.onServerMessage(message);
      // Whoever was told of it may have closed the client, or this node is not to be trusted.
      if (this.hasEnded) return;
      isAnswer ||= message.kind === 'response';
    }
    if (isAnswer) this.onAnswered();
  }

  private onServerMessage(message: ServerMessage): void {
    if ((message.kind === 'hello') !== (this.phase === 'connecting')) {
      return this.distrust(`its ${message.kind} is out of turn`);
    }
    switch (message.kind) {
      case 'hello':
        return this.onHello(message);
      case 'directory':
        return this.listener.onDirectory(message.directory);
      case 'response':
        return this.onResponse(message.id, message.response);
      default:
        message satisfies never;
    }
  }

  private onHello(hello: Hello): void {
    if (hello.version !== PROTOCOL_VERSION) {
      return this.distrust(
        `it speaks version ${hello.version}, not ${PROTOCOL_VERSION}: update the older side`,
      );
    }
    this.phase = 'greeted';
    this.cancelHelloTimer();
    this.listener.onHello(hello);
  }

  private onResponse(id: number, response: Response): void {
    if (id > this.underWay.lastId) return this.distrust(`it answers request ${id}, which was never made`);
    const attempt = this.underWay.get(id);
    // Otherwise the call has timed out or was aborted: nobody waits for this any more.
    if (attempt !== null) {
      // Kept until it is understood: one that is not ends with the connection, its outcome unknown.
      if (!attempt.what.onResponse(response))
        return this.distrust(`its ${response.kind} is no answer to the request`);
      attempt.cancel();
    }
  }

  private onAnswered(): void {
    this.silentSinceMs = this.isIdle ? null : this.settings.clock.nowMs();
    this.listener.onAnswered();
  }

  /** A node that hangs does not close its sockets; browsers have no ping. One timer, not one for each request. */
  private watchForSilence(delayMs: number): void {
    const { clock, silenceMs } = this.settings;
    this.bufferedAtLastLook = this.socket.bufferedAmount;
    this.cancelSilenceTimer = clock.setTimer(delayMs, () => {
      this.cancelSilenceTimer = null;
      if (this.silentSinceMs === null) return;
      const restMs = this.silentSinceMs + silenceMs - clock.nowMs();
      if (restMs > 0) return this.watchForSilence(restMs);
      // A slow line is no silence: what was sent is still on its way.
      if (this.socket.bufferedAmount < this.bufferedAtLastLook) return this.watchForSilence(silenceMs);
      this.endUnreachable(`no answer to anything for ${silenceMs} ms`);
    });
  }

  private send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.hasEnded) return;
    try {
      this.socket.send(frame);
    } catch (error) {
      // A socket that refuses is about to say so by an event; if it does not, silence ends it.
      this.settings.clock.setTimer(0, () => this.endUnreachable(error));
    }
  }

  private endUnreachable(cause: unknown): void {
    const why = cause instanceof Error ? `: ${cause.message}` : typeof cause === 'string' ? `: ${cause}` : '';
    this.end(new UnavailableError(`${this.url} cannot be reached${why}`, 'not-applied', { cause }));
  }

  private distrust(what: string, options?: ErrorOptions): void {
    this.end(new ProtocolError(`${this.url} is left: ${what}`, 'not-applied', options));
  }
}

/** @throws {TypeError} for text, which no node sends. */
function bytesOf(data: unknown): Uint8Array {
  // Not `instanceof`: a test environment with globals of its own has another `ArrayBuffer` than its sockets.
  if (isArrayBuffer(data)) return new Uint8Array(data);
  throw new TypeError('a message that is not bytes');
}

function isArrayBuffer(data: unknown): data is ArrayBuffer {
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]';
}

function closeReason({ code, reason }: SocketEvent): string {
  return `closed with code ${code ?? 1005}${reason === undefined || reason === '' ? '' : ` (${reason})`}`;
}
