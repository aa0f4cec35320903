/** What a node's directory holds, read as the next start would read it. */

import { createHash } from 'node:crypto';
import { logIndex, nodeId, type Entry, firstConfiguration } from '@raftkv/core';
import type { LocalNode } from '@raftkv/server/local-cluster';
import { FileLogStorage } from '@raftkv/storage-file';
import type { Failure } from '../workload/check.ts';

const READ_BYTES = 1024 * 1024;
/** Unless a server is told otherwise. */
const CLUSTER_TOKEN = 'raftkv';

/** Of nodes that do not run, whose logs have to be the same up to and with the entry `through`. */
export async function checkDisks(nodes: readonly LocalNode[], through: number): Promise<Failure[]> {
  const names = nodes.map(({ name }) => name);
  const logs: [string, string][] = [];
  for (const { name, dataDirectory } of nodes) {
    logs.push([name, await fingerprintOf(dataDirectory, name, names, through)]);
  }
  if (new Set(logs.map(([, fingerprint]) => fingerprint)).size <= 1) return [];
  return [{ promise: 'disks-equal', what: `up to entry ${through}: ${JSON.stringify(logs)}` }];
}

/**
 * One line for the log up to and with the entry `through`, which is committed: equal for equal logs.
 *
 * @throws {StorageError} if the directory cannot be read, or lacks an entry.
 */
export async function fingerprintOf(
  directory: string,
  id: string,
  ids: readonly string[],
  through: number,
): Promise<string> {
  const voters = ids.map((one) => ({ id: nodeId(one), data: new Uint8Array(0) }));
  const configuration = firstConfiguration(voters);
  const storage = new FileLogStorage({ directory, node: nodeId(id), cluster: CLUSTER_TOKEN, configuration });
  try {
    await storage.load();
    const hash = createHash('sha256');
    for (let index = 1; index <= through;) {
      const entries = await read(storage, index, through);
      for (const { term, kind, data } of entries) hash.update(`${term} ${kind} ${data.length} `).update(data);
      index += entries.length;
    }
    return hash.digest('hex');
  } finally {
    await storage.close();
  }
}

function read(storage: FileLogStorage, from: number, through: number): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    storage.read(logIndex(from), logIndex(through), READ_BYTES, (error, entries) => {
      if (error === null && entries.length > 0) resolve(entries);
      else reject(error ?? new Error(`there is no entry ${from}`));
    });
  });
}
