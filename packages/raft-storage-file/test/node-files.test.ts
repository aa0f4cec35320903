import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeFiles } from '../src/index.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'node-files-test-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('a directory', () => {
  it.each([
    ['an absolute path', () => join(root, 'a/b/c')],
    ['a relative path', () => relative(process.cwd(), join(root, 'a/b/c'))],
    ['a relative path that says so', () => `./${relative(process.cwd(), join(root, 'a/b/c'))}`],
    ['a path that ends in a slash', () => `${join(root, 'a/b/c')}/`],
  ])('is made with its parents, by %s', async (_, path) => {
    await nodeFiles.makeDirectory(path());
    expect(existsSync(join(root, 'a/b/c'))).toBe(true);
    await nodeFiles.makeDirectory(path());
  });
});

describe('a file', () => {
  it('holds what was written at its places, and gives fewer bytes only at its end', async () => {
    const file = await nodeFiles.create(join(root, 'f'));
    await file.write(Uint8Array.of(1, 2, 3), 0);
    await new Promise<void>((resolve, reject) => {
      file.writeSynced(Uint8Array.of(9, 8), 1, (error) => (error === null ? resolve() : reject(error)));
    });
    await file.sync();
    expect(await file.size()).toBe(3);
    expect([...(await file.read(0, 10))]).toEqual([1, 9, 8]);
    expect([...(await file.read(3, 10))]).toEqual([]);
    await file.close();
    await expect(nodeFiles.open(join(root, 'g'))).rejects.toThrow('ENOENT');
  });
});
