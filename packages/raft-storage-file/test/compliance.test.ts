/** The log in files, held against the suite that every implementation runs: on a real disk, and on one in memory. */

import type { Configuration, NodeId } from '@raftkv/core';
import { logStorageCases } from '@raftkv/runtime/compliance';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileLogStorage, type FileStorageOptions } from '../src/index.ts';
import { MemoryFiles } from '../src/testing/index.ts';

const TAIL_ENTRIES_MAX = 20;

function storage(
  node: NodeId,
  configuration: Configuration,
  medium: Pick<FileStorageOptions, 'directory' | 'files'>,
): FileLogStorage {
  return new FileLogStorage({
    ...medium,
    node,
    configuration,
    cluster: 'compliance',
    segmentBytes: 16 * 1024,
    tailEntriesMax: TAIL_ENTRIES_MAX,
  });
}

describe('compliance of the log in files', () => {
  const cases = logStorageCases(async (node, configuration) => {
    const directory = await mkdtemp(join(tmpdir(), 'raftkv-compliance-'));
    return {
      open: () => Promise.resolve(storage(node, configuration, { directory })),
      tailEntriesMax: TAIL_ENTRIES_MAX,
      dispose: () => rm(directory, { recursive: true, force: true }),
    };
  });
  for (const one of cases) {
    it(`rule: ${one.name}`, async () => {
      await expect(one.run()).resolves.toBeUndefined();
    });
  }
});

describe('compliance of the log in files in memory', () => {
  const cases = logStorageCases((node, configuration) => {
    const files = new MemoryFiles();
    return Promise.resolve({
      open: () => Promise.resolve(storage(node, configuration, { directory: '/data', files })),
      tailEntriesMax: TAIL_ENTRIES_MAX,
      dispose: () => Promise.resolve(),
    });
  });
  for (const one of cases) {
    it(`rule: ${one.name}`, async () => {
      await expect(one.run()).resolves.toBeUndefined();
    });
  }
});
