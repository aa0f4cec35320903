/** Storages for tests, and what is written to them. */

import { logIndex, nodeId, term, type Entry, type LogIndex, firstConfiguration } from '@raftkv/core';
import type { StoredLog, WriteBatch } from '@raftkv/runtime';
import { FileLogStorage, type FileStorageOptions, type StorageNotice } from '../../src/index.ts';
import { MemoryFiles } from '../../src/testing/index.ts';

export const DIRECTORY = '/data';
export const SEGMENT_BYTES = 4096;
export const FIRST_SEGMENT = `${DIRECTORY}/segment-0000000001.log`;
export const SECOND_SEGMENT = `${DIRECTORY}/segment-0000000002.log`;

const MEMBERS = firstConfiguration(
  ['a', 'b', 'c'].map((id) => ({ id: nodeId(id), data: new Uint8Array(0) })),
);

export function storageOn(files: MemoryFiles, options: Partial<FileStorageOptions> = {}): FileLogStorage {
  return new FileLogStorage({
    directory: DIRECTORY,
    node: nodeId('a'),
    cluster: 'test',
    configuration: MEMBERS,
    segmentBytes: SEGMENT_BYTES,
    sealAfterMs: null,
    files,
    ...options,
  });
}

/** Opens, writes one batch after another, and ends as told. */
export async function written(
  files: MemoryFiles,
  batches: readonly WriteBatch[],
  end: 'close' | 'kill' = 'kill',
  options: Partial<FileStorageOptions> = {},
): Promise<void> {
  const storage = storageOn(files, options);
  await storage.load();
  for (const batch of batches) await write(storage, batch);
  if (end === 'close') await storage.close();
  files.kill();
}

export function write(storage: FileLogStorage, batch: WriteBatch): Promise<void> {
  return new Promise((resolve, reject) => {
    storage.write(batch, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** What a start finds, and what it had to say. The process then ends. */
export async function reopened(
  files: MemoryFiles,
  options: Partial<FileStorageOptions> = {},
): Promise<StoredLog & { readonly notices: readonly StorageNotice[] }> {
  const notices: StorageNotice[] = [];
  const stored = await storageOn(files, { onNotice: (notice) => notices.push(notice), ...options }).load();
  files.kill();
  return { ...stored, notices };
}

export function read(
  storage: FileLogStorage,
  from: number,
  through: number,
  bytesMax = 2 ** 30,
): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    storage.read(logIndex(from), logIndex(through), bytesMax, (error, found) =>
      error === null ? resolve(found) : reject(error),
    );
  });
}

/** The first batch of a log: a term, and its first entries. */
export function opening(...sizes: number[]): WriteBatch {
  return { ...entries(1, ...sizes), hardState: hardState(1) };
}

/** Entries of term 1 from `from` on, with payloads of these sizes. */
export function entries(from: number, ...sizes: number[]): WriteBatch {
  const list = sizes.map((size, at) => entry(logIndex(from + at), size));
  return { hardState: null, newBase: null, truncateFrom: null, entries: list };
}

export function hardState(currentTerm: number, commitIndex = 0): NonNullable<WriteBatch['hardState']> {
  return { currentTerm: term(currentTerm), votedFor: nodeId('a'), commitIndex: logIndex(commitIndex) };
}

function entry(index: LogIndex, size: number): Entry {
  return { index, term: term(1), kind: 'command', data: new Uint8Array(size).fill(index) };
}
