/**
 * One client: its hello, then its requests, each with its number, and their responses in whatever order they come. What is
 * said in one turn leaves in one frame, at the end of the turn.
 */

import { DecodeError } from '@raftkv/codec';
import {
  decodeClientFrame,
  PROTOCOL_VERSION,
  serverFrameWriter,
  type ClientMessage,
  type Directory,
  type FailureCode,
  type FrameWriter,
  type Request,
  type Response,
  type ServerMessage,
} from '@raftkv/kv-protocol';
import type { RawData, WebSocket } from 'ws';
import type { ServerLimits } from '../configuration/options.ts';
import type { UnderWay } from '../under-way.ts';

export interface ConnectionHost {
  readonly limits: ServerLimits;
  readonly underWay: UnderWay;
  hello(): ServerMessage;
  /** Answers once, and later. */
  handle(request: Request, respond: (response: Response) => void): void;
  /** `null` while requests are taken; else why not. */
  whyClosed(): string | null;
  /** It is over because of what the client did. */
  onFault(reason: string): void;
}

/** Codes of RFC 6455 §7.4.1. */
const PROTOCOL_ERROR = 1002;
const UNSUPPORTED_DATA = 1003;
/** RFC 6455 §5.5: a control frame has 125 bytes, two of them for the code. */
const REASON_BYTES_MAX = 123;

export class ClientConnection {
  private readonly webSocket: WebSocket;
  private readonly host: ConnectionHost;
  private readonly helloTimer: NodeJS.Timeout;
  private readonly frames: FrameWriter<ServerMessage>;
  private isEndOfTurnAwaited = false;
  private phase: 'new' | 'greeted' | 'ended' = 'new';
  private requests = 0;
  private wasHeard = true;

  constructor(webSocket: WebSocket, host: ConnectionHost) {
    this.webSocket = webSocket;
    this.host = host;
    this.frames = serverFrameWriter((frame) => this.sendFrame(frame));
    const { helloMs } = host.limits;
    this.helloTimer = setTimeout(() => this.fault(PROTOCOL_ERROR, `no hello within ${helloMs} ms`), helloMs);
    webSocket.on('message', (data, isBinary) => this.onMessage(data, isBinary));
    webSocket.on('pong', () => {
      this.wasHeard = true;
    });
    // Garbage below the messages: the socket closes itself with the code of what was wrong, 1009 for an oversized frame.
    webSocket.on('error', (error) => this.forget(error.message));
    webSocket.on('close', () => this.forget(null));
  }

  tellDirectory(directory: Directory): void {
    if (this.phase === 'greeted') this.send({ kind: 'directory', directory });
  }

  /** Once in a while: whoever said nothing since the last time, not even an answer to a ping, is gone. */
  look(): void {
    if (!this.wasHeard) return this.cut('it is silent, or does not read');
    this.wasHeard = false;
    if (this.webSocket.readyState === this.webSocket.OPEN) this.webSocket.ping();
  }

  /** Politely: what was sent before arrives. */
  close(code: number, reason: string): void {
    this.frames.flush();
    this.forget(null);
    this.webSocket.close(code, fitting(reason));
  }

  terminate(): void {
    this.forget(null);
    this.webSocket.terminate();
  }

  private get hasEnded(): boolean {
    return this.phase === 'ended';
  }

  private onMessage(data: RawData, isBinary: boolean): void {
    if (this.hasEnded) return;
    this.wasHeard = true;
    if (!isBinary) return this.fault(UNSUPPORTED_DATA, 'a text frame, where all frames are binary');
    let messages: readonly ClientMessage[];
    try {
      messages = decodeClientFrame(bytesOf(data));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.fault(PROTOCOL_ERROR, `no frame: ${error.message}`);
    }
    // All in this turn: what they propose is one write to the log.
    for (const message of messages) this.onClientMessage(message);
  }

  private onClientMessage(message: ClientMessage): void {
    // One before it in the frame may have ended the connection.
    if (this.hasEnded) return;
    switch (message.kind) {
      case 'hello':
        if (this.phase !== 'new') return this.fault(PROTOCOL_ERROR, 'a second hello');
        return this.onHello(message.version);
      case 'request':
        if (this.phase === 'new') return this.fault(PROTOCOL_ERROR, 'a request before the hello');
        return this.onRequest(message.id, message.request);
      default:
        message satisfies never;
    }
  }

  private onHello(version: number): void {
    clearTimeout(this.helloTimer);
    this.phase = 'greeted';
    this.send(this.host.hello());
    if (version === PROTOCOL_VERSION) return;
    this.fault(PROTOCOL_ERROR, `version ${version} meets version ${PROTOCOL_VERSION}: update the older side`);
  }

  private onRequest(id: number, request: Request): void {
    const { underWay, limits } = this.host;
    const why = this.host.whyClosed();
    if (why !== null) return this.refuse(id, 'unavailable', why);
    if (this.requests >= limits.requestsUnderWayMax) {
      const count = limits.requestsUnderWayMax;
      return this.refuse(
        id,
        'overloaded',
        `${count} requests of this connection are under way: wait for some`,
      );
    }
    this.requests += 1;
    underWay.begin();
    this.host.handle(request, (response) => {
      this.requests -= 1;
      this.respond(id, response);
      underWay.end();
    });
  }

  private refuse(id: number, code: FailureCode, message: string): void {
    const failure = { code, outcome: 'not-applied', leaderUrl: null, message } as const;
    this.send({ kind: 'response', id, response: { kind: 'failed', failure } });
  }

  private respond(id: number, response: Response): void {
    if (this.isTooMuch(response)) {
      this.refuse(id, 'overloaded', 'too much waits for this client to read it: ask again when it has');
    } else {
      this.send({ kind: 'response', id, response });
    }
  }

  /** Many large values asked for at once are not yet a client that does not read: it gets some now, the others later. */
  private isTooMuch(response: Response): boolean {
    if (response.kind !== 'value' || response.entry === null) return false;
    const waitingBytes = this.webSocket.bufferedAmount + this.frames.bytes;
    if (waitingBytes === 0) return false;
    return waitingBytes + response.entry.value.length > this.host.limits.bufferedBytesMax / 2;
  }

  private send(message: ServerMessage): void {
    if (this.hasEnded) return;
    this.frames.add(message);
    if (this.isEndOfTurnAwaited) return;
    this.isEndOfTurnAwaited = true;
    // The node answers all that it has applied at a stroke, and whoever reads that calls back in microtasks: both are over
    // then. An immediate would come later than that, and bring no more into the frame.
    process.nextTick(this.onEndOfTurn);
  }

  /** Bound once: it is asked for in each turn. */
  private readonly onEndOfTurn = (): void => {
    this.isEndOfTurnAwaited = false;
    this.frames.flush();
  };

  private sendFrame(frame: Uint8Array): void {
    if (this.hasEnded || this.webSocket.readyState !== this.webSocket.OPEN) return;
    this.webSocket.send(frame);
    const { bufferedBytesMax } = this.host.limits;
    if (this.webSocket.bufferedAmount > bufferedBytesMax) {
      this.cut(`it does not read: more than ${bufferedBytesMax} bytes wait for it`);
    }
  }

  private fault(code: number, reason: string): void {
    if (this.hasEnded) return;
    this.frames.flush();
    this.forget(reason);
    this.webSocket.close(code, fitting(reason));
  }

  /** At once: who does not read would not read a close frame either. */
  private cut(reason: string): void {
    this.forget(reason);
    this.webSocket.terminate();
  }

  /** Nothing is sent or heard from here on. Requests under way are not taken back. */
  private forget(fault: string | null): void {
    if (this.hasEnded) return;
    this.phase = 'ended';
    clearTimeout(this.helloTimer);
    if (fault !== null) this.host.onFault(fault);
  }
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

/** The longest beginning that fits and does not end within a character. */
function fitting(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > REASON_BYTES_MAX) text = text.slice(0, -1);
  return text.replace(/\p{Surrogate}$/u, '');
}
