/** Where the nodes of a local cluster listen. */

import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Where one node listens. */
export interface NodePorts {
  /** For clients, and for HTTP. */
  readonly client: number;
  /** For the other nodes. */
  readonly peer: number;
}

const HOST = '127.0.0.1';
/** By others, or kept by the system for itself. */
const TAKEN: readonly string[] = ['EADDRINUSE', 'EACCES'];

/**
 * Below those that systems give to whoever asks for any: a node that is down for a while, or starts slowly, finds its port
 * taken by no connection and no server that did not want just this one.
 */
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 29_999;

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
  for (;;) {
    const server = await held(randomInt(LOWEST_PORT, HIGHEST_PORT + 1));
    if (server !== null) return server;
  }
}

/** `null` where it is taken. */
function held(port: number): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      TAKEN.includes(error.code ?? '') ? resolve(null) : reject(error),
    );
    server.listen(port, HOST, () => resolve(server));
  });
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
