/** Sockets of those who have not yet said who they are: few, and not for long. */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { addressOf } from './channel.ts';
import type { Cancel, TransportClock } from './clock.ts';
import type { PortNotice } from './port-notices.ts';

export interface StrangersHost {
  readonly clock: TransportClock;
  readonly handshakeMs: number;
  readonly strangersMax: number;
  notify(notice: PortNotice): void;
}

/** A stranger chooses part of what is told of it, such as a path of many thousand characters. */
const REASON_LENGTH_MAX = 200;

export class Strangers {
  private readonly host: StrangersHost;
  private readonly timers = new Map<Socket, Cancel>();
  /** Of each, one wrong is told: what follows from it is no news. */
  private readonly noticed = new WeakSet<Duplex>();

  constructor(host: StrangersHost) {
    this.host = host;
  }

  /** False where there are too many: then it is cut already. */
  add(socket: Socket): boolean {
    if (this.timers.has(socket)) return true;
    const { clock, handshakeMs, strangersMax } = this.host;
    if (this.timers.size >= strangersMax) {
      this.notice(socket, `the ${strangersMax + 1}th at once that has not said who it is`);
      socket.destroy();
      return false;
    }
    const onTime = (): void => {
      this.notice(socket, `no hello within ${handshakeMs} ms`);
      socket.destroy();
    };
    this.timers.set(socket, clock.after(handshakeMs, onTime));
    socket.once('close', () => this.remove(socket));
    return true;
  }

  /** It has said who it is, or is gone. */
  remove(socket: Socket): void {
    this.timers.get(socket)?.();
    this.timers.delete(socket);
  }

  cutAll(): void {
    for (const socket of this.timers.keys()) socket.destroy();
  }

  notice(socket: Duplex, reason: string): void {
    if (this.noticed.has(socket)) return;
    this.noticed.add(socket);
    const address = socket instanceof Socket ? addressOf(socket) : 'an unknown address';
    const isLong = reason.length > REASON_LENGTH_MAX;
    const told = isLong ? `${reason.slice(0, REASON_LENGTH_MAX)}…` : reason;
    this.host.notify({ kind: 'stranger', address, reason: told });
  }
}
