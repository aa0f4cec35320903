/** Stands between who dials and who listens: passes bytes on, and cuts, holds back or refuses them when told to. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dialerIn, HELLO_WITHIN_BYTES } from './dialer.ts';

const HOST = '127.0.0.1';
/** A connection that is to be cut within a frame, and on which nothing is sent, is cut all the same. */
const CUT_WITHIN_MS = 300;

/** As the one who dialed sees it. */
export type Direction = 'out' | 'in';

/** What does not pass, and of whose connections: of all, where it is null. */
interface Stall {
  readonly direction: Direction;
  readonly dialer: string | null;
}

export class FaultyProxy {
  private readonly server: Server;
  private readonly port: number;
  private readonly wires = new Set<Wire>();
  private readonly stalls = new Set<Stall>();
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

  /**
   * Nothing passes in this direction until what it gives is called, which is once. Connections stay, and new ones come. Where
   * a dialer is named, others are not stalled; of itself no more passes than its wish to upgrade, by which nobody is known.
   */
  stall(direction: Direction, dialer: string | null = null): () => void {
    const stall = { direction, dialer };
    this.stalls.add(stall);
    for (const wire of this.wires) wire.look();
    return () => {
      this.stalls.delete(stall);
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

  /** Each connection breaks within the next chunk, of which this portion is passed on; only those of the dialer, if one is named. */
  cut(portion: number, dialer: string | null = null): void {
    for (const wire of this.wires) {
      if (dialer === null || wire.dialer === dialer) wire.cutWithin(portion);
    }
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
    const isStalled = (direction: Direction, name: string | null): boolean =>
      [...this.stalls].some(
        (stall) => stall.direction === direction && (stall.dialer === null || stall.dialer === name),
      );
    const wire = new Wire(dialer, connect(this.target, HOST), isStalled, () => this.wires.delete(wire));
    this.wires.add(wire);
  }
}

/** One connection that passes: a socket on either side. */
class Wire {
  private readonly sockets: { readonly out: Socket; readonly in: Socket };
  private readonly isStalled: (direction: Direction, dialer: string | null) => boolean;
  private portion: number | null = null;
  /** What the dialer said, as long as its name may be among it. */
  private said: Buffer | null = Buffer.alloc(0);
  private name: string | null = null;

  constructor(
    dialer: Socket,
    listener: Socket,
    isStalled: (direction: Direction, dialer: string | null) => boolean,
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

  /** The name of the node that dialed, once it said it. */
  get dialer(): string | null {
    return this.name;
  }

  /** Reads where it may. */
  look(): void {
    for (const direction of ['out', 'in'] as const) {
      const [from, to] = this.ends(direction);
      if (this.isStalled(direction, this.name) || to.writableNeedDrain) from.pause();
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
      if (direction === 'out' && this.isRevealedIn(chunk)) {
        this.look();
        if (this.isStalled(direction, this.name)) return from.unshift(chunk);
      }
      if (this.portion === null) {
        if (!to.write(chunk)) from.pause();
        return;
      }
      from.pause();
      to.write(chunk.subarray(0, Math.floor(chunk.length * this.portion)), () => this.end());
    });
    to.on('drain', () => {
      if (!this.isStalled(direction, this.name)) from.resume();
    });
  }

  /** Is it this chunk that tells who dialed? */
  private isRevealedIn(chunk: Buffer): boolean {
    if (this.said === null) return false;
    this.said = Buffer.concat([this.said, chunk]);
    this.name = dialerIn(this.said);
    if (this.name !== null || this.said.length > HELLO_WITHIN_BYTES) this.said = null;
    return this.name !== null;
  }
}
