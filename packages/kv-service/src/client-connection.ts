/**
 * One client: its hello, then its requests, each with its number, and their responses in whatever order they come. What is
 * said in one turn leaves in one frame, at the end of the turn. Whoever has the socket tells what comes from it.
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

/** As much of a node's end of a WebSocket as a connection uses. */
export interface ServerSocket {
  /** Can frames be sent, or does it close? */
  readonly isOpen: boolean;
  /** Bytes given to `send` that have not left yet. */
  readonly bufferedAmount: number;
  /** One binary frame, which is the socket's from then on. */
  send(frame: Uint8Array): void;
  /** Asks the other side for a sign of life. */
  ping(): void;
  /** Politely: what was sent before arrives. */
  close(code: number, reason: string): void;
  /** At once. */
  terminate(): void;
}

/** How much and how long a node lets one client do something. */
export interface ConnectionLimits {
  /** Requests under way; more are answered `overloaded`. */
  readonly requestsUnderWayMax: number;
  /** What may wait for the client to read it, in bytes; whoever leaves more is cut off. */
  readonly bufferedBytesMax: number;
  /** How long the hello may take. */
  readonly helloMs: number;
}

/** What a connection needs of the node that it leads to. */
export interface ConnectionHost {
  /** What this client may do. */
  readonly limits: ConnectionLimits;
  /** Told of each request that is taken, and of each that has ended. */
  readonly underWay: { begin(): void; end(): void };
  /** Calls `callback` once, `delayMs` from now; what it gives back takes that back. */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** What a client is told first. */
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

/** What a node says to one client, and hears from it. */
export class ClientConnection {
  private readonly socket: ServerSocket;
  private readonly host: ConnectionHost;
  private readonly cancelHelloTimer: () => void;
  private readonly frames: FrameWriter<ServerMessage>;
  private isEndOfTurnAwaited = false;
  private phase: 'new' | 'greeted' | 'ended' = 'new';
  private requests = 0;
  private wasHeard = true;

  constructor(socket: ServerSocket, host: ConnectionHost) {
    this.socket = socket;
    this.host = host;
    this.frames = serverFrameWriter((frame) => this.sendFrame(frame));
    const { helloMs } = host.limits;
    this.cancelHelloTimer = host.setTimer(helloMs, () =>
      this.fault(PROTOCOL_ERROR, `no hello within ${helloMs} ms`),
    );
  }

  /** A frame has come; `bytes` is not changed afterwards. */
  onFrame(bytes: Uint8Array, isBinary: boolean): void {
    if (this.hasEnded) return;
    this.wasHeard = true;
    if (!isBinary) return this.fault(UNSUPPORTED_DATA, 'a text frame, where all frames are binary');
    let messages: readonly ClientMessage[];
    try {
      messages = decodeClientFrame(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      return this.fault(PROTOCOL_ERROR, `no frame: ${error.message}`);
    }
    // All in this turn: what they propose is one write to the log.
    for (const message of messages) this.onClientMessage(message);
  }

  /** The answer to a ping. */
  onPong(): void {
    this.wasHeard = true;
  }

  /** The socket is gone; `fault` where the client broke it. */
  onClosed(fault: string | null): void {
    this.forget(fault);
  }

  /** The members, or who of them leads, have changed. */
  tellDirectory(directory: Directory): void {
    if (this.phase === 'greeted') this.send({ kind: 'directory', directory });
  }

  /** Once in a while: whoever said nothing since the last time, not even an answer to a ping, is gone. */
  look(): void {
    if (!this.wasHeard) return this.cut('it is silent, or does not read');
    this.wasHeard = false;
    if (this.socket.isOpen) this.socket.ping();
  }

  /** Politely: what was sent before arrives. */
  close(code: number, reason: string): void {
    this.frames.flush();
    this.forget(null);
    this.socket.close(code, fitting(reason));
  }

  /** At once. */
  terminate(): void {
    this.forget(null);
    this.socket.terminate();
  }

  private get hasEnded(): boolean {
    return this.phase === 'ended';
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
    this.cancelHelloTimer();
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
    const waitingBytes = this.socket.bufferedAmount + this.frames.bytes;
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
    if (this.hasEnded || !this.socket.isOpen) return;
    this.socket.send(frame);
    const { bufferedBytesMax } = this.host.limits;
    if (this.socket.bufferedAmount > bufferedBytesMax) {
      this.cut(`it does not read: more than ${bufferedBytesMax} bytes wait for it`);
    }
  }

  private fault(code: number, reason: string): void {
    if (this.hasEnded) return;
    this.frames.flush();
    this.forget(reason);
    this.socket.close(code, fitting(reason));
  }

  /** At once: who does not read would not read a close frame either. */
  private cut(reason: string): void {
    this.forget(reason);
    this.socket.terminate();
  }

  /** Nothing is sent or heard from here on. Requests under way are not taken back. */
  private forget(fault: string | null): void {
    if (this.hasEnded) return;
    this.phase = 'ended';
    this.cancelHelloTimer();
    if (fault !== null) this.host.onFault(fault);
  }
}

/** The longest beginning that fits and does not end within a character. */
function fitting(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > REASON_BYTES_MAX) text = text.slice(0, -1);
  return text.replace(/\p{Surrogate}$/u, '');
}
