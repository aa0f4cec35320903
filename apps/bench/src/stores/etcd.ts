/** etcd, driven by the npm client `etcd3`. */

import { setTimeout } from 'node:timers/promises';
import { Etcd3 } from 'etcd3';
import type { Endings } from '../endings.ts';
import { startEtcdCluster, type EtcdCluster } from './etcd-cluster.ts';
import type { Connection, Store } from './store.ts';

const READY_MS = 30_000;
const TRIED_EVERY_MS = 100;

export async function startEtcd(endings: Endings): Promise<Store> {
  const cluster = await startReadyEtcd(endings);
  const { endpoints, pids, close } = cluster;
  return { name: 'etcd/etcd3', pids, connect: () => Promise.resolve(connectTo(endpoints)), close };
}

/** Once it has acknowledged a write. */
export async function startReadyEtcd(endings: Endings): Promise<EtcdCluster> {
  const cluster = await startEtcdCluster(endings);
  await Promise.race([untilItWrites(cluster), cluster.broken]);
  return cluster;
}

async function untilItWrites({ endpoints }: EtcdCluster): Promise<void> {
  const connection = connectTo(endpoints);
  const endMs = performance.now() + READY_MS;
  for (;;) {
    try {
      await connection.put('ready', Buffer.from('yes'));
      return await connection.close();
    } catch (error) {
      if (performance.now() > endMs) throw error;
      await setTimeout(TRIED_EVERY_MS);
    }
  }
}

function connectTo(endpoints: readonly string[]): Connection {
  const client = new Etcd3({ hosts: endpoints.map((endpoint) => `http://${endpoint}`) });
  return {
    put: async (key, value) => client.put(key).value(Buffer.from(value)),
    get: (key, consistency) => {
      const request = client.get(key);
      return consistency === 'serializable' ? request.serializable(true).buffer() : request.buffer();
    },
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}
