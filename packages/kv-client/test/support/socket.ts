/** One end of a connection in memory: what the client uses of a WebSocket. */

import type { ClientSocket, SocketEvent } from '../../src/index.ts';
import type { SimulatedTime } from './time.ts';

export interface SocketPeer {
  onOpened(socket: MemorySocket): void;
  onBytes(socket: MemorySocket, bytes: Uint8Array): void;
}

type Listener = (event: SocketEvent) => void;

export class MemorySocket implements ClientSocket {
  binaryType = 'blob';
  bufferedAmount = 0;
  isClosed = false;
  private isOpen = false;
  private readonly time: SimulatedTime;
  private readonly peer: SocketPeer | null;
  private readonly listeners: { type: string; listener: Listener }[] = [];

  /** @param peer null where nobody listens at the address. */
  constructor(time: SimulatedTime, peer: SocketPeer | null) {
    this.time = time;
    this.peer = peer;
    time.later(() => {
      if (this.isClosed) return;
      if (peer === null) {
        this.emit({ type: 'error', error: new Error('connection refused') });
        this.shut(1006);
        return;
      }
      this.isOpen = true;
      this.emit({ type: 'open' });
      peer.onOpened(this);
    });
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.push({ type, listener });
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.isOpen) throw new Error('the socket is not open');
    const copy = bytes.slice();
    this.time.later(() => this.peer?.onBytes(this, copy));
  }

  close(): void {
    this.time.later(() => this.shut(1005));
  }

  /** From the other end. */
  deliver(data: unknown): void {
    this.time.later(() => {
      if (!this.isClosed) this.emit({ type: 'message', data });
    });
  }

  /** The other end, or the line, is gone; what was on its way is lost. */
  shut(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.isOpen = false;
    this.emit({ type: 'close', code, reason: '' });
  }

  private emit(event: SocketEvent): void {
    for (const { type, listener } of this.listeners) if (type === event.type) listener(event);
  }
}
