import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DirectoryLockedError } from '../src/index.ts';
import { lockDirectory } from '../src/files/directory-lock.ts';

const HOLDER = join(import.meta.dirname, 'fixtures/holder.mjs');

let root = '';
let children: ChildProcess[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lock-test-'));
});

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  rmSync(root, { recursive: true, force: true });
});

/** A process that opens the directory, and what it says of that. */
async function start(directory: string): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [HOLDER, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: data.toString().trim() };
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

function locksIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => name.includes('lock.'));
}

describe('R32: a directory that a living process holds', () => {
  it('is refused to another process', async () => {
    const holder = await start(root);
    expect(holder.said).toBe('held');
    expect((await start(root)).said).toBe('STORAGE_LOCKED');
  });

  it('is refused within the process too', async () => {
    const unlock = await lockDirectory(root);
    await expect(lockDirectory(root)).rejects.toBeInstanceOf(DirectoryLockedError);
    await unlock();
    await (
      await lockDirectory(root)
    )();
  });

  it('is refused while that process is stopped and answers nobody', async () => {
    const { child } = await start(root);
    child.kill('SIGSTOP');
    await expect(lockDirectory(root)).rejects.toBeInstanceOf(DirectoryLockedError);
  });

  it('is refused also where its path is too long for a socket', async () => {
    const deep = join(root, 'x'.repeat(100), 'y'.repeat(100));
    mkdirSync(deep, { recursive: true });
    expect((await start(deep)).said).toBe('held');
    await expect(lockDirectory(deep)).rejects.toBeInstanceOf(DirectoryLockedError);
  });
});

describe('R32: a directory whose holder is gone', () => {
  it('is free at once after kill -9, and nothing of the lock is left', async () => {
    const { child } = await start(root);
    await killed(child);
    expect(locksIn(root)).toHaveLength(1);
    const unlock = await lockDirectory(root);
    expect(locksIn(root)).toHaveLength(1);
    await unlock();
    expect(locksIn(root)).toEqual([]);
  });
});

describe('R32: many that want a directory at the same time', () => {
  it('are never two that hold it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => lockDirectory(root)));
      const held = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      expect(held.length).toBeLessThanOrEqual(1);
      const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(reasons.filter((reason) => !(reason instanceof DirectoryLockedError))).toEqual([]);
      for (const { value: unlock } of held) await unlock();
    }
  });
});
