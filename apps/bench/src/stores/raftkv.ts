/** Three `raftkv-server` processes with the settings of a node in service, or a cluster that runs already. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@raftkv/kv-client';
import { startLocalCluster } from '@raftkv/server/local-cluster';
import type { Connection, Store } from './store.ts';

const NODE_SEGMENT_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 60_000;

export async function startRaftkv(): Promise<Store> {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-bench-'));
  const cluster = await startLocalCluster({ directory, segmentBytes: NODE_SEGMENT_BYTES });
  await cluster.until(() => cluster.leader, TIMEOUT_MS, 'one node leads');
  return {
    name: 'raftkv',
    pids: cluster.nodes.flatMap(({ pid }) => (pid === null ? [] : [pid])),
    connect: () => connectTo(cluster.endpoints),
    close: async () => {
      await cluster.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function raftkvAt(endpoints: readonly string[]): Store {
  return { name: 'raftkv', pids: [], connect: () => connectTo(endpoints), close: () => Promise.resolve() };
}

async function connectTo(endpoints: readonly string[]): Promise<Connection> {
  const kv = await connect({ endpoints, timeoutMs: TIMEOUT_MS, maxInFlight: 1024, maxWaiting: 10_000 });
  return {
    put: (key, value) => kv.put(key, value),
    get: (key, consistency) => kv.get(key, { consistency }),
    close: () => kv.close(),
  };
}
