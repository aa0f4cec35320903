/** Clusters of real processes for a test. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalCluster, type LocalCluster, type LocalClusterOptions } from '@raftkv/server/local-cluster';
import { onTestFinished } from 'vitest';

/** For what takes well below a second on a machine that is not overwhelmed. */
export const PATIENCE_MS = 60_000;

/** The last first. */
export function afterwards(cleanup: () => unknown): void {
  onTestFinished(async () => {
    await cleanup();
  });
}

/** Three processes, each with a log of small segments. One that ends by itself fails whatever waits. */
export async function threeProcesses(options: Partial<LocalClusterOptions> = {}): Promise<LocalCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-verify-'));
  afterwards(() => rm(directory, { recursive: true, force: true }));
  const cluster = await startLocalCluster({ directory, segmentBytes: 1024 * 1024, ...options });
  afterwards(() => Promise.all(cluster.nodes.map((node) => node.kill())));
  return cluster;
}
