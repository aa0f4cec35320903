/** A network that can be broken: passes bytes on, until told otherwise. */

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Proxy {
  readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly target: () => number;
  /** New connections are taken and lead nowhere. */
  isHole = false;
  connections = 0;

  /** @param target the port it leads to. */
  constructor(target: () => number) {
    this.target = target;
    this.server = createServer((socket) => this.take(socket));
  }

  async start(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What there is breaks; what comes next is passed on again. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): void {
    this.server.close();
    this.cut();
  }

  private take(socket: Socket): void {
    this.connections += 1;
    this.keep(socket);
    if (this.isHole) return;
    const other = connect(this.target(), '127.0.0.1');
    this.keep(other);
    socket.pipe(other).pipe(socket);
    socket.on('close', () => other.destroy());
    other.on('close', () => socket.destroy());
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
  }
}
