/**
 * One connection of a client to a node: frames in order in both directions, each after its delay; it can be cut within a
 * frame, stalled in one direction, or end with either side. What a browser or `ws` would say of it is what both ends are told.
 */

import type { ClientSocket, SocketEvent } from '@raftkv/kv-client';
import type { ServerSocket } from '@raftkv/kv-service';
import type { Timeline } from '@raftkv/simulation';

/** Codes of RFC 6455 §7.4.1. */
const NO_STATUS = 1005;
const ABNORMAL = 1006;

/** What the node's end tells whoever accepted it. */
export interface ServerEnd {
  onFrame(bytes: Uint8Array, isBinary: boolean): void;
  onClosed(fault: string | null): void;
}

export interface LineOptions {
  /** Of its client, from 0 to below 1: the lower, the sooner it is among those that something happens to. */
  readonly luck: number;
  /** Of the client. */
  readonly world: Timeline;
  /** Of the process that listens; gated by its life. */
  readonly node: Timeline;
  /** Drawn for each frame. */
  delayMs(): number;
  onEnded(line: ClientLine): void;
}

/** One direction: what is said later arrives later. */
class Direction {
  /** Nothing arrives before. */
  quietUntilMs = 0;
  bufferedBytes = 0;
  /** The next frame breaks the line. */
  isCut = false;

  arrivalMs(nowMs: number, delayMs: number): number {
    this.quietUntilMs = Math.max(this.quietUntilMs, nowMs + delayMs);
    return this.quietUntilMs;
  }
}

export class ClientLine {
  readonly toNode: Direction = new Direction();
  readonly toClient: Direction = new Direction();
  readonly client: ClientEnd;
  readonly server: ServerSocket;
  private readonly options: LineOptions;
  private serverEnd: ServerEnd | null = null;
  /** Can the node send? */
  isServerOpen = false;
  private isOver = false;

  constructor(options: LineOptions) {
    this.options = options;
    this.client = new ClientEnd(this);
    this.server = new NodeEnd(this);
  }

  get luck(): number {
    return this.options.luck;
  }

  /** The node takes it: `accept` is called in its process, and the client learns of it. */
  connect(accept: (socket: ServerSocket) => ServerEnd): void {
    this.carry(this.toNode, 0, () => {
      this.options.node.after(0, () => {
        if (this.isOver) return;
        this.isServerOpen = true;
        this.serverEnd = accept(this.server);
        this.carry(this.toClient, 0, () => this.client.onOpen());
      });
    });
  }

  /** Nobody listens there. */
  refuse(): void {
    this.options.world.after(this.options.delayMs(), () => this.client.onRefused());
  }

  fromClient(bytes: Uint8Array): void {
    const copy = bytes.slice();
    if (this.breaksIn(this.toNode)) return;
    this.carry(this.toNode, copy.length, () => {
      this.options.node.after(0, () => {
        if (this.isServerOpen) this.serverEnd?.onFrame(copy, true);
      });
    });
  }

  /** The client is done with it, whatever is on its way. */
  closedByClient(): void {
    this.carry(this.toNode, 0, () => this.options.node.after(0, () => this.endServer()));
    this.options.world.after(2 * this.options.delayMs(), () => this.endClient(NO_STATUS, ''));
  }

  /** As if a cable had been pulled, by the node, which knows it at once. */
  terminatedByServer(): void {
    this.break(this.options.delayMs(), 0);
  }

  /** The line is gone: each end learns of it `afterMs` later, and hears nothing more. */
  break(clientAfterMs: number, serverAfterMs: number): void {
    if (this.isOver) return;
    this.isOver = true;
    this.client.isDeaf = true;
    this.isServerOpen = false;
    this.options.world.after(clientAfterMs, () => this.endClient(ABNORMAL, ''));
    this.options.node.after(serverAfterMs, () => this.endServer());
  }

  fromServer(frame: Uint8Array): void {
    const copy = frame.slice();
    if (this.breaksIn(this.toClient)) return;
    this.carry(this.toClient, copy.length, () => this.client.onFrame(copy.buffer));
  }

  closedByServer(code: number, reason: string): void {
    this.isServerOpen = false;
    this.carry(this.toClient, 0, () => {
      this.endClient(code, reason);
      this.options.node.after(this.options.delayMs(), () => this.endServer());
    });
  }

  private breaksIn(direction: Direction): boolean {
    if (this.isOver) return true;
    if (!direction.isCut) return false;
    // A part of the frame arrives, which is no frame.
    this.break(this.options.delayMs(), this.options.delayMs());
    return true;
  }

  private carry(direction: Direction, bytes: number, arrive: () => void): void {
    const { world } = this.options;
    direction.bufferedBytes += bytes;
    const atMs = direction.arrivalMs(world.nowMs, this.options.delayMs());
    world.after(atMs - world.nowMs, () => {
      direction.bufferedBytes -= bytes;
      if (!this.isOver) arrive();
    });
  }

  private endClient(code: number, reason: string): void {
    this.client.onClosed(code, reason);
    this.options.onEnded(this);
  }

  private endServer(): void {
    this.isServerOpen = false;
    const end = this.serverEnd;
    this.serverEnd = null;
    end?.onClosed(null);
  }
}

class NodeEnd implements ServerSocket {
  private readonly line: ClientLine;

  constructor(line: ClientLine) {
    this.line = line;
  }

  get isOpen(): boolean {
    return this.line.isServerOpen;
  }

  get bufferedAmount(): number {
    return this.line.toClient.bufferedBytes;
  }

  send(frame: Uint8Array): void {
    this.line.fromServer(frame);
  }

  /** Nobody looks for silent clients here: those that vanish are told of in time. */
  ping(): void {}

  close(code: number, reason: string): void {
    this.line.closedByServer(code, reason);
  }

  terminate(): void {
    this.line.terminatedByServer();
  }
}

type Listener = (event: SocketEvent) => void;

class ClientEnd implements ClientSocket {
  binaryType = 'blob';
  /** The line is broken, and this end does not know it yet. */
  isDeaf = false;
  private state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  private readonly line: ClientLine;
  private readonly listeners = new Map<string, Listener>();

  constructor(line: ClientLine) {
    this.line = line;
  }

  get bufferedAmount(): number {
    return this.line.toNode.bufferedBytes;
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, listener);
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.state === 'connecting') throw new Error('the socket is not open yet');
    if (this.state === 'open') this.line.fromClient(bytes);
  }

  close(): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    this.state = 'closing';
    this.line.closedByClient();
  }

  onOpen(): void {
    if (this.state !== 'connecting') return;
    this.state = 'open';
    this.tell({ type: 'open' });
  }

  onRefused(): void {
    if (this.state === 'closed') return;
    this.tell({ type: 'error', error: new Error('connect ECONNREFUSED') });
    this.onClosed(ABNORMAL, '');
  }

  onFrame(data: ArrayBuffer): void {
    // As a browser does, which tells what still comes while it closes.
    if ((this.state === 'open' || this.state === 'closing') && !this.isDeaf)
      this.tell({ type: 'message', data });
  }

  onClosed(code: number, reason: string): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.tell({ type: 'close', code, reason });
  }

  private tell(event: SocketEvent): void {
    this.listeners.get(event.type)?.(event);
  }
}
