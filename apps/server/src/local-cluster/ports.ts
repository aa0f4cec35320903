/** Where the nodes of a local cluster listen. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

export interface NodePorts {
  readonly client: number;
  readonly peer: number;
}

const HOST = '127.0.0.1';

/** Of this machine, free a moment ago: nothing keeps them free until somebody listens there. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held at once, or the same one might be found twice.
  const servers = await Promise.all(Array.from({ length: count }, hold));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map(release));
  return ports;
}

/** Two free ones for each of `count` nodes. */
export async function freeNodePorts(count: number): Promise<NodePorts[]> {
  const ports = await freePorts(2 * count);
  return Array.from({ length: count }, (_, at) => ({
    client: ports[2 * at] ?? 0,
    peer: ports[2 * at + 1] ?? 0,
  }));
}

async function hold(): Promise<Server> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  return server;
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** `first` for the first node's clients, the next for its peers, and so on. */
export function portsFrom(first: number, count: number): NodePorts[] {
  return Array.from({ length: count }, (_, at) => ({ client: first + 2 * at, peer: first + 2 * at + 1 }));
}

/** Those of `ports` that somebody else listens at. */
export async function takenPorts(ports: readonly NodePorts[]): Promise<number[]> {
  const all = ports.flatMap(({ client, peer }) => [client, peer]);
  const isTaken = await Promise.all(all.map(isPortTaken));
  return all.filter((_, at) => isTaken[at]);
}

function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, HOST, () => server.close(() => resolve(false)));
  });
}
