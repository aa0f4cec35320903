/** Nodes in this process, and ports where there is none. */

import { startServer, type Server, type ServerOptions } from '@raftkv/server';
import { freePorts } from '@raftkv/server/local-cluster';
import { afterTest, temporaryDirectory } from './cleanups.ts';

const ANY = { host: '127.0.0.1', port: 0 };
/** A log of short files, which a start is soon done with. */
const SMALL = { listenClient: ANY, listenPeer: ANY, segmentBytes: 1024 * 1024 };

async function start(options: ServerOptions = {}): Promise<Server> {
  const dataDirectory = await temporaryDirectory();
  const server = await startServer({ ...SMALL, dataDirectory, ...options });
  afterTest(() => server.close());
  return server;
}

/** It leads: the next write has revision 2. */
export async function started(options: ServerOptions = {}): Promise<Server> {
  const server = await start(options);
  await until(() => server.status().role === 'leader');
  return server;
}

/** Two of its three members are not there. */
export async function withoutQuorum(options: ServerOptions = {}): Promise<Server> {
  const [own = 0, second = 0, third = 0] = await freePorts(3);
  return start({
    listenPeer: { host: '127.0.0.1', port: own },
    initialCluster: new Map([
      ['n1', `ws://127.0.0.1:${own}`],
      ['n2', `ws://127.0.0.1:${second}`],
      ['n3', `ws://127.0.0.1:${third}`],
    ]),
    ...options,
  });
}

/** Looks again at each turn of the event loop, without a rest that a slow machine would make too short. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error('it does not come to hold');
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

export function at({ clientUrl }: { readonly clientUrl: string }): { RAFTKV_ENDPOINTS: string } {
  return { RAFTKV_ENDPOINTS: clientUrl };
}
