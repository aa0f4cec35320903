/** Stands between clients and a node, and cuts connections when the node has answered: it has acted, and nobody hears it. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

const HOST = '127.0.0.1';
/** The upgrade and the hello: what follows them are requests. */
const GREETING_CHUNKS = 2;

export class CuttingProxy {
  readonly port: number;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly mayCut: () => boolean;
  private target = 0;

  private constructor(server: Server, port: number, mayCut: () => boolean) {
    this.server = server;
    this.port = port;
    this.mayCut = mayCut;
    server.on('connection', (client) => this.onConnection(client));
  }

  /** `mayCut` is asked whenever an answer passes. */
  static async listen(mayCut: () => boolean): Promise<CuttingProxy> {
    const server = createServer().listen(0, HOST);
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a proxy has a port');
    return new CuttingProxy(server, address.port, mayCut);
  }

  get url(): string {
    return `ws://${HOST}:${this.port}`;
  }

  passTo(port: number): void {
    this.target = port;
  }

  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  private onConnection(client: Socket): void {
    const node = connect(this.target, HOST);
    let chunks = 0;
    const end = (): void => {
      for (const socket of [client, node]) {
        socket.destroy();
        this.sockets.delete(socket);
      }
    };
    for (const socket of [client, node]) {
      this.sockets.add(socket);
      // A process that was killed, and a connection that was cut, end in all the ways a socket can.
      socket.on('error', end).on('close', end);
    }
    client.on('data', (chunk) => {
      chunks += 1;
      node.write(chunk);
    });
    node.on('data', (chunk) => {
      if (chunks > GREETING_CHUNKS && this.mayCut()) end();
      else client.write(chunk);
    });
  }
}
