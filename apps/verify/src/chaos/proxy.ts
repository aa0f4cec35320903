/** Stands between who dials and who listens: passes bytes on, and cuts, holds back or refuses them when told to. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';
/** A connection that is to be cut within a frame, and on which nothing is sent, is cut all the same. */
const CUT_WITHIN_MS = 300;

/** As the one who dialed sees it. */
export type Direction = 'out' | 'in';

export class FaultyProxy {
  private readonly server: Server;
  private readonly port: number;
  private readonly wires = new Set<Wire>();
  private readonly stalls = { out: 0, in: 0 };
  private refusals = 0;
  private target = 0;

  private constructor(server: Server, port: number) {
    this.server = server;
    this.port = port;
    server.on('connection', (dialer) => this.onConnection(dialer));
  }

  static async listen(): Promise<FaultyProxy> {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a proxy has a port');
    return new FaultyProxy(server, address.port);
  }

  get url(): string {
    return `ws://${HOST}:${this.port}`;
  }

  passTo(port: number): void {
    this.target = port;
  }

  /** Nothing passes in this direction until what it gives is called, which is once. Connections stay, and new ones come. */
  stall(direction: Direction): () => void {
    this.stalls[direction] += 1;
    for (const wire of this.wires) wire.look();
    return () => {
      this.stalls[direction] -= 1;
      for (const wire of this.wires) wire.look();
    };
  }

  /** Nobody gets through anew until what it gives is called, which is once. */
  refuse(): () => void {
    this.refusals += 1;
    return () => {
      this.refusals -= 1;
    };
  }

  /** Each connection breaks within the next chunk, of which this portion is passed on. */
  cut(portion: number): void {
    for (const wire of this.wires) wire.cutWithin(portion);
  }

  /** Every other connection breaks at once. */
  cutHalf(): void {
    for (const wire of [...this.wires].filter((_, at) => at % 2 === 0)) wire.end();
  }

  close(): void {
    this.server.close();
    for (const wire of this.wires) wire.end();
  }

  private onConnection(dialer: Socket): void {
    if (this.refusals > 0) {
      dialer.destroy();
      return;
    }
    const isStalled = (direction: Direction): boolean => this.stalls[direction] > 0;
    const wire = new Wire(dialer, connect(this.target, HOST), isStalled, () => this.wires.delete(wire));
    this.wires.add(wire);
  }
}

/** One connection that passes: a socket on either side. */
class Wire {
  private readonly sockets: { readonly out: Socket; readonly in: Socket };
  private readonly isStalled: (direction: Direction) => boolean;
  private portion: number | null = null;

  constructor(
    dialer: Socket,
    listener: Socket,
    isStalled: (direction: Direction) => boolean,
    onEnd: () => void,
  ) {
    // By the direction of what is read from it.
    this.sockets = { out: dialer, in: listener };
    this.isStalled = isStalled;
    for (const socket of [dialer, listener]) {
      socket.setNoDelay(true);
      // A process that was killed, and a connection that was cut, end in all the ways a socket can.
      socket
        .on('error', () => this.end())
        .on('close', () => {
          this.end();
          onEnd();
        });
    }
    this.pass('out', dialer, listener);
    this.pass('in', listener, dialer);
    this.look();
  }

  /** Reads where it may. */
  look(): void {
    for (const direction of ['out', 'in'] as const) {
      const [from, to] = this.ends(direction);
      if (this.isStalled(direction) || to.writableNeedDrain) from.pause();
      else from.resume();
    }
  }

  cutWithin(portion: number): void {
    if (this.portion !== null) return;
    this.portion = portion;
    setTimeout(() => this.end(), CUT_WITHIN_MS).unref();
  }

  end(): void {
    this.sockets.out.destroy();
    this.sockets.in.destroy();
  }

  private ends(direction: Direction): readonly [Socket, Socket] {
    const { out, in: back } = this.sockets;
    return direction === 'out' ? [out, back] : [back, out];
  }

  private pass(direction: Direction, from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (to.destroyed) return;
      if (this.portion === null) {
        if (!to.write(chunk)) from.pause();
        return;
      }
      from.pause();
      to.write(chunk.subarray(0, Math.floor(chunk.length * this.portion)), () => this.end());
    });
    to.on('drain', () => {
      if (!this.isStalled(direction)) from.resume();
    });
  }
}
