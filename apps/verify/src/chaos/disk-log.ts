/** What nodes' directories hold, read as the next start would read it. */

import { createHash, type Hash } from 'node:crypto';
import { logIndex, nodeId, type Entry, firstConfiguration } from '@raftkv/core';
import type { LocalNode } from '@raftkv/server/local-cluster';
import { FileLogStorage } from '@raftkv/storage-file';
import type { Failure } from '../workload/check.ts';

const READ_BYTES = 1024 * 1024;
/** Unless a server is told otherwise. */
const CLUSTER_TOKEN = 'raftkv';

/**
 * Of nodes that do not run: their logs have to be the same up to and with the entry `through`, which is committed, from where
 * all of them begin; and snapshots of one index are the same, byte by byte (R34).
 */
export async function checkDisks(nodes: readonly LocalNode[], through: number): Promise<Failure[]> {
  const names = nodes.map(({ name }) => name);
  const logs: DiskLog[] = [];
  try {
    for (const { name, dataDirectory } of nodes) logs.push(await DiskLog.open(dataDirectory, name, names));
    const from = 1 + Math.max(...logs.map(({ base }) => base));
    const ofEntries = await Promise.all(logs.map((log) => log.fingerprint(from, through)));
    const ofSnapshots = await Promise.all(logs.map((log) => log.snapshotFingerprint()));
    const failures = differences(`entries ${from} to ${through}`, names, ofEntries);
    for (const base of new Set(logs.map((log) => log.base))) {
      const isOfBase = (_: string, at: number): boolean => logs[at]?.base === base;
      const what = `the snapshot of entry ${base}`;
      failures.push(...differences(what, names.filter(isOfBase), ofSnapshots.filter(isOfBase)));
    }
    return failures;
  } finally {
    await Promise.all(logs.map((log) => log.close()));
  }
}

function differences(what: string, names: readonly string[], fingerprints: readonly string[]): Failure[] {
  if (new Set(fingerprints).size <= 1) return [];
  const told = names.map((name, at) => `${name}: ${fingerprints[at]}`).join(', ');
  return [{ promise: 'disks-equal', what: `${what}: ${told}` }];
}

export class DiskLog {
  private readonly storage: FileLogStorage;
  /** The log begins behind this entry. */
  readonly base: number;

  private constructor(storage: FileLogStorage, base: number) {
    this.storage = storage;
    this.base = base;
  }

  /** @param ids of those that the cluster began with. @throws {StorageError} if the directory cannot be read. */
  static async open(directory: string, id: string, ids: readonly string[]): Promise<DiskLog> {
    const configuration = firstConfiguration(
      ids.map((one) => ({ id: nodeId(one), data: new Uint8Array(0) })),
    );
    const storage = new FileLogStorage({
      directory,
      node: nodeId(id),
      cluster: CLUSTER_TOKEN,
      configuration,
    });
    try {
      const { record } = await storage.load();
      return new DiskLog(storage, record.base.index);
    } catch (error) {
      await storage.close();
      throw error;
    }
  }

  /** One line for the entries, of which there may be none: equal for equal logs. @throws {StorageError} if one is missing. */
  async fingerprint(from: number, through: number): Promise<string> {
    const hash = createHash('sha256');
    for (let index = from; index <= through;) {
      const entries = await read(this.storage, index, through);
      for (const { term, kind, data } of entries) hash.update(`${term} ${kind} ${data.length} `).update(data);
      index += entries.length;
    }
    return lineOf(hash);
  }

  /** One line for the snapshot of the base; an empty one where there is none. */
  async snapshotFingerprint(): Promise<string> {
    if (this.base === 0) return '';
    const hash = createHash('sha256');
    const { content } = await this.storage.openSnapshot(logIndex(this.base));
    for await (const piece of content) hash.update(piece);
    return lineOf(hash);
  }

  close(): Promise<void> {
    return this.storage.close();
  }
}

function lineOf(hash: Hash): string {
  return hash.digest('hex').slice(0, 16);
}

function read(storage: FileLogStorage, from: number, through: number): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    storage.read(logIndex(from), logIndex(through), READ_BYTES, (error, entries) => {
      if (error === null && entries.length > 0) resolve(entries);
      else reject(error ?? new Error(`there is no entry ${from}`));
    });
  });
}
