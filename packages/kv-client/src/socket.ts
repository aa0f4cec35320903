/** What the client uses of a WebSocket: the part that browsers, Node and `ws` agree on. */

export interface SocketEvent {
  /** What `addEventListener` was called with. */
  readonly type: string;
  /** Of a message: an `ArrayBuffer`, as `binaryType` asks for. */
  readonly data?: unknown;
  /** Of a close. */
  readonly code?: number;
  /** Of a close, where the other side gave one. */
  readonly reason?: string;
  /** Of an error, where the platform says anything. */
  readonly error?: unknown;
}

/** As much of a `WebSocket` as the client uses. */
export interface ClientSocket {
  /** Set to `arraybuffer` before anything is received. */
  binaryType: string;
  /** Bytes given to `send` that have not left yet. */
  readonly bufferedAmount: number;
  /** As of an `EventTarget`; each type is listened to once, and never taken back. */
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: SocketEvent) => void,
  ): void;
  /** One binary frame; called only while the socket is open. */
  send(bytes: Uint8Array<ArrayBuffer>): void;
  /** Without a code. A `close` event follows, unless there was one. */
  close(): void;
}

/** Begins to connect to `url` with this subprotocol. What it throws counts as a node that cannot be reached. */
export type SocketFactory = (url: string, subprotocol: string) => ClientSocket;
