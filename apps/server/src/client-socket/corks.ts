/** What is written to a socket within one turn leaves together, at its end: one call of the system for many responses. */

import type { Writable } from 'node:stream';

export class Corks {
  private readonly corked = new Set<Writable>();

  /** Until the end of the turn. */
  cork(socket: Writable): void {
    if (this.corked.has(socket)) return;
    socket.cork();
    this.corked.add(socket);
    if (this.corked.size === 1) process.nextTick(() => this.uncorkAll());
  }

  private uncorkAll(): void {
    const sockets = [...this.corked];
    this.corked.clear();
    for (const socket of sockets) socket.uncork();
  }
}
