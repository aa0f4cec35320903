/** Three `raftkv-server` processes with default settings, or a cluster that runs already. */

import { connect, type ConnectOptions } from '@raftkv/kv-client';
import { prepareLocalCluster, type LocalCluster } from '@raftkv/server/local-cluster';
import { temporaryDirectory, type End, type Endings } from '../endings.ts';
import type { Connection, Store } from './store.ts';

export const RAFTKV = 'raftkv';

const TIMEOUT_MS = 60_000;
/** What is slow under a load is measured, not given up: hundreds of values of 1 MiB may take long to be answered. */
const PATIENT = { silenceMs: TIMEOUT_MS } as const;
/** More than any load has clients. */
const WAITING_MAX = 1_000_000;

export interface OwnCluster {
  readonly cluster: LocalCluster;
  /** Kills the nodes, and removes what they held. */
  readonly close: End;
}

/** Three nodes of which one leads. */
export async function startCluster(segmentBytes: number, endings: Endings): Promise<OwnCluster> {
  const directory = temporaryDirectory(endings, 'bench');
  const cluster = await prepareLocalCluster({ directory: directory.path, segmentBytes });
  // Killed, as nobody will ask for what they hold.
  const kill = endings.owe(async () => {
    await Promise.all(cluster.nodes.map((node) => node.kill()));
  });
  await cluster.start();
  await cluster.untilLed(TIMEOUT_MS);
  const close = async (): Promise<void> => {
    await kill();
    await directory.remove();
  };
  return { cluster, close };
}

export async function startRaftkv(segmentBytes: number, endings: Endings): Promise<Store> {
  const { cluster, close } = await startCluster(segmentBytes, endings);
  return {
    name: RAFTKV,
    pids: cluster.nodes.flatMap(({ pid }) => (pid === null ? [] : [pid])),
    connect: () => connectTo(cluster.endpoints, PATIENT),
    close,
  };
}

export function raftkvAt(endpoints: readonly string[]): Store {
  return {
    name: RAFTKV,
    pids: [],
    connect: () => connectTo(endpoints, PATIENT),
    close: () => Promise.resolve(),
  };
}

/** @param patience options of the client that are not its defaults. */
export async function connectTo(
  endpoints: readonly string[],
  patience: Pick<ConnectOptions, 'silenceMs'> = {},
): Promise<Connection> {
  const kv = await connect({
    ...patience,
    endpoints,
    timeoutMs: TIMEOUT_MS,
    maxInFlight: 1024,
    // What waits is bounded by the load: each of its clients waits for one thing.
    maxWaiting: WAITING_MAX,
    pendingBytesMax: Number.MAX_SAFE_INTEGER,
  });
  return {
    put: (key, value) => kv.put(key, value),
    get: (key, consistency) => kv.get(key, { consistency }),
    close: () => kv.close(),
  };
}
