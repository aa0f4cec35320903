/** What the client uses of a WebSocket: the part that browsers, Node and `ws` agree on. */

export interface SocketEvent {
  readonly type: string;
  /** Of a message: an `ArrayBuffer`, as `binaryType` asks for. */
  readonly data?: unknown;
  /** Of a close. */
  readonly code?: number;
  readonly reason?: string;
  /** Of an error, where the platform says anything. */
  readonly error?: unknown;
}

/** As much of a `WebSocket` as the client uses. */
export interface ClientSocket {
  binaryType: string;
  /** Bytes given to `send` that have not left yet. */
  readonly bufferedAmount: number;
  addEventListener(
    type: 'open' | 'message' | 'close' | 'error',
    listener: (event: SocketEvent) => void,
  ): void;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Begins to connect to `url` with this subprotocol. What it throws counts as a node that cannot be reached. */
export type SocketFactory = (url: string, subprotocol: string) => ClientSocket;
