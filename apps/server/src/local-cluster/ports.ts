/** Where the nodes of a local cluster listen. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

export interface NodePorts {
  readonly client: number;
  readonly peer: number;
}

const HOST = '127.0.0.1';

/** Ports that were free a moment ago, two for each of `count` nodes: nothing keeps them free until they are listened at. */
export async function freePorts(count: number): Promise<NodePorts[]> {
  // All are held at once, or the same one might be found twice.
  const held = await Promise.all(Array.from({ length: count }, holdPair));
  await Promise.all(held.flatMap(({ servers }) => servers.map(release)));
  return held.map(({ ports }) => ports);
}

async function holdPair(): Promise<{ servers: Server[]; ports: NodePorts }> {
  const [client, peer] = await Promise.all([hold(), hold()]);
  return { servers: [client.server, peer.server], ports: { client: client.port, peer: peer.port } };
}

async function hold(): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
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
