/** What a member's directory holds, read as the next start would read it. */

import { createHash } from 'node:crypto';
import { logIndex, nodeId, type Entry } from '@raftkv/core';
import { FileLogStorage } from '@raftkv/storage-file';

const READ_BYTES = 1024 * 1024;

/** One line for the whole log: equal for equal logs. */
export async function fingerprintOf(directory: string, id: string, ids: readonly string[]): Promise<string> {
  const voters = ids.map((one) => ({ id: nodeId(one), data: new Uint8Array(0) }));
  const configuration = { kind: 'simple', voters } as const;
  const storage = new FileLogStorage({ directory, node: nodeId(id), cluster: 'chaos', configuration });
  const { record } = await storage.load();
  const last = record.tail.at(-1)?.index ?? 0;
  const hash = createHash('sha256');
  for (let index = 1; index <= last;) {
    const entries = await read(storage, index, last);
    for (const { term, kind, data } of entries) hash.update(`${term} ${kind} ${data.length} `).update(data);
    index += entries.length;
  }
  await storage.close();
  return `${last} entries, ${hash.digest('hex')}`;
}

function read(storage: FileLogStorage, from: number, through: number): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    storage.read(logIndex(from), logIndex(through), READ_BYTES, (error, entries) => {
      if (error === null && entries.length > 0) resolve(entries);
      else reject(error ?? new Error(`there is no entry ${from}`));
    });
  });
}
