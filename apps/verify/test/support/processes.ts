/** Clusters of real processes for a test, and what they hold. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startLocalCluster,
  type Held,
  type LocalCluster,
  type LocalClusterOptions,
  type LocalNode,
} from '@raftkv/server/local-cluster';
import { afterEach } from 'vitest';

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

export function afterwards(cleanup: () => unknown): void {
  cleanups.push(cleanup);
}

/** Three processes, each with a log of small segments. One that ends by itself fails whatever waits. */
export async function threeProcesses(options: Partial<LocalClusterOptions> = {}): Promise<LocalCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-verify-'));
  afterwards(() => rm(directory, { recursive: true, force: true }));
  const cluster = await startLocalCluster({ directory, segmentBytes: 1024 * 1024, ...options });
  afterwards(() => Promise.all(cluster.nodes.map((node) => node.kill())));
  return cluster;
}

/** The node that leads, once it does. */
export function untilLed(cluster: LocalCluster): Promise<LocalNode> {
  return cluster.until(() => cluster.leader, 60_000, 'one node leads');
}

/** All nodes have applied all that is committed. */
export async function untilEqual(cluster: LocalCluster): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (performance.now() < endMs) {
    const statuses = await Promise.all(cluster.nodes.map((node) => node.status()));
    const first = statuses[0]?.commitIndex;
    if (first !== undefined && statuses.every((status) => status?.appliedIndex === first)) return;
  }
  throw new Error('the nodes do not come to hold the same');
}

/** What `node` holds of `keys`, in their order. */
export async function heldBy(node: LocalNode, keys: readonly string[]): Promise<(Held | null)[]> {
  const held: (Held | null)[] = [];
  const queue = keys.entries();
  const reader = async (): Promise<void> => {
    for (const [at, key] of queue) held[at] = await node.held(key);
  };
  await Promise.all(Array.from({ length: 16 }, reader));
  return held;
}
