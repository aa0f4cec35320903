/** What the log in memory does beyond the suite that every log runs. */

import { logIndex, term, type Entry } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { MemoryLogStorage, type WriteBatch } from '../../src/index.ts';
import { configuration } from '../support/cluster.ts';

function batch(index: number): WriteBatch {
  const entry: Entry = { index: logIndex(index), term: term(1), kind: 'command', data: new Uint8Array(0) };
  return { hardState: null, newBase: null, truncateFrom: null, entries: [entry] };
}

function write(storage: MemoryLogStorage, index: number): Promise<Error | null> {
  return new Promise((resolve) => {
    storage.write(batch(index), resolve);
  });
}

describe('the log in memory', () => {
  it('is used by one node at a time', async () => {
    const storage = new MemoryLogStorage(configuration('a'));
    await storage.load();
    await expect(storage.load()).rejects.toThrow('in use');
    await storage.close();
    await expect(storage.load()).resolves.toBeDefined();
  });

  it('takes no writes while it is closed', async () => {
    const storage = new MemoryLogStorage(configuration('a'));
    expect(await write(storage, 1)).toMatchObject({ message: 'this log is closed' });
  });

  it('fails for good at a gap between entries', async () => {
    const storage = new MemoryLogStorage(configuration('a'));
    await storage.load();
    expect(await write(storage, 1)).toBeNull();
    expect(await write(storage, 3)).toMatchObject({ message: 'entry 3 where 2 comes next' });
    expect(await write(storage, 2)).toMatchObject({ message: 'entry 3 where 2 comes next' });
  });
});
