/** Where processes of others may listen. */

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Ports of this machine that were free a moment ago. */
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

async function hold(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
