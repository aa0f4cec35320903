/** One open WebSocket as the rest of this package sees it: whole binary frames, and one end. */

import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { fitting } from './reason.ts';

export const SUBPROTOCOL = 'raftkv.peer.v1';

/** How long a connection that was closed politely may take to end before it is cut. */
export const CLOSE_TIMEOUT_MS = 1000;

/** RFC 6455 §5.5: a control frame has 125 bytes, two of them for the code. */
const REASON_BYTES_MAX = 123;

const UNSUPPORTED_DATA = 1003;

export type ChannelEnd =
  /** This side closed it, because of what came. */
  | { readonly kind: 'fault'; readonly reason: string }
  /** The other side closed it, or the network broke. */
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string };

export interface ChannelUser {
  onFrame(bytes: Uint8Array): void;
  /** Once, after the last frame; not where `close` or `cut` came first. */
  onEnd(end: ChannelEnd): void;
}

export class Channel {
  readonly address: string;
  /** Resolves when its socket is closed. */
  readonly closed: Promise<void>;
  private readonly webSocket: WebSocket;
  private readonly socket: Socket;
  private user: ChannelUser | null = null;
  private stopCounting: () => void = () => {};

  /** @param open all that have a socket yet; it is one of them until that is closed. */
  constructor(webSocket: WebSocket, socket: Socket, open: Set<Channel>) {
    this.webSocket = webSocket;
    this.socket = socket;
    this.address = addressOf(socket);
    open.add(this);
    webSocket.on('message', (data, isBinary) => this.onMessage(data, isBinary));
    // Only what the other side sent makes an error here; a broken connection just closes.
    webSocket.on('error', (error) => this.end({ kind: 'fault', reason: error.message }));
    this.closed = new Promise((resolve) => {
      webSocket.on('close', () => resolve());
    });
    webSocket.on('close', (code, reason) => {
      open.delete(this);
      this.end({ kind: 'closed', code, reason: reason.toString() });
    });
  }

  /** Bytes handed to `send` and not yet taken by the system. */
  get queuedBytes(): number {
    return this.webSocket.bufferedAmount;
  }

  /** All that has come so far, parts of frames and pongs too: it grows while the other side is there. */
  get bytesRead(): number {
    return this.socket.bytesRead;
  }

  /** Who is told from now on. */
  use(user: ChannelUser): void {
    this.user = user;
  }

  /** Until `unlimit`, more bytes than this end it: someone unknown is not allowed long frames. */
  limit(bytesMax: number): void {
    const max = this.socket.bytesRead + bytesMax;
    const check = (): void => {
      if (this.stopCounting !== stop || this.socket.bytesRead <= max) return;
      const { user } = this;
      this.cut();
      user?.onEnd({ kind: 'fault', reason: 'more bytes than a hello has' });
    };
    const stop = (): void => {
      this.socket.off('data', check);
      // What removed it may have been told of the same bytes, and then it is called once more.
      this.stopCounting = () => {};
    };
    this.socket.on('data', check);
    this.stopCounting = stop;
  }

  unlimit(): void {
    this.stopCounting();
  }

  /** @param onTaken called later, when the system has taken it or it is lost; not where the channel is not open. */
  send(frame: Uint8Array, onTaken?: () => void): void {
    if (this.webSocket.readyState === this.webSocket.OPEN) this.webSocket.send(frame, onTaken);
  }

  /** From now on what comes is left to the system, which lets the other side wait; a frame or two may still be told. */
  pause(): void {
    this.webSocket.pause();
  }

  resume(): void {
    if (this.webSocket.isPaused) this.webSocket.resume();
  }

  ping(): void {
    if (this.webSocket.readyState === this.webSocket.OPEN) this.webSocket.ping();
  }

  /** Politely: what was sent before arrives. */
  close(code: number, reason: string): void {
    this.user = null;
    this.stopCounting();
    // The other side's word that it is closed stands behind whatever was not read.
    this.resume();
    this.webSocket.close(code, fitting(reason, REASON_BYTES_MAX));
  }

  /** At once: for those who would not read a close frame either. */
  cut(): void {
    this.user = null;
    this.stopCounting();
    this.webSocket.terminate();
  }

  private onMessage(data: unknown, isBinary: boolean): void {
    if (this.user === null) return;
    if (isBinary && data instanceof Uint8Array) return this.user.onFrame(data);
    this.fail(UNSUPPORTED_DATA, 'a text frame, where all frames are binary');
  }

  private fail(code: number, reason: string): void {
    const { user } = this;
    this.close(code, reason);
    user?.onEnd({ kind: 'fault', reason });
  }

  private end(end: ChannelEnd): void {
    const { user } = this;
    this.user = null;
    this.stopCounting();
    user?.onEnd(end);
  }
}

export function addressOf(socket: Socket): string {
  const { remoteAddress, remotePort } = socket;
  return remoteAddress === undefined ? 'an address that is gone' : `${remoteAddress} port ${remotePort}`;
}
