/** What `changeset version` makes of the packages, tried in a copy that has no more of them than it reads. */

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAYERS } from '../lib/layers.mjs';
import { tool } from '../lib/tools.mjs';
import { manifestOf, ROOT, workspaceFolders } from '../lib/workspace.mjs';
import { runOrThrow } from './support/command.ts';

const folders = workspaceFolders();
const layers = LAYERS.filter(({ folder }) => folders.includes(folder));
const published = layers.filter(({ isPublic }) => isPublic);

let root = '';
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'raftkv-versions-'));
  for (const folder of folders) copy(`${folder}/package.json`);
  for (const name of ['package.json', 'pnpm-workspace.yaml', '.changeset']) copy(name);
  // A changelog names the commit that a change came with.
  for (const args of [
    ['init', '--initial-branch=main'],
    ['add', '.'],
    ['commit', '--message=all'],
  ])
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], { cwd: root });
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function copy(name: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  cpSync(join(ROOT, name), join(root, name), { recursive: true });
}

/** Takes the changesets that are there, and these. */
async function release(changesets: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(changesets))
    writeFileSync(join(root, '.changeset', `${name}.md`), text);
  await runOrThrow({ ...tool('changeset', ['version'], '@changesets/cli'), cwd: root });
}

function versions(): Set<string | undefined> {
  return new Set(published.map(({ folder }) => manifestOf(folder, root).version));
}

function changelog(folder: string): string {
  const path = join(root, folder, 'CHANGELOG.md');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** The ranges at which the packages of this repository name each other. */
function innerRanges(): Set<string> {
  const all = layers.flatMap(({ folder }) => {
    const { dependencies, devDependencies } = manifestOf(folder, root);
    return Object.entries({ ...dependencies, ...devDependencies });
  });
  return new Set(all.filter(([name]) => name.startsWith('@raftkv/')).map(([, range]) => range));
}

describe('changeset version', () => {
  it('gives all published packages one version of 0.x and a changelog, for a change of any one of them', async () => {
    const [major = 0, minor = 0] = (manifestOf('packages/codec').version ?? '').split('.').map(Number);
    expect(major).toBe(0);
    await release({ a: "---\n'@raftkv/codec': minor\n---\n\nA change that breaks a user.\n" });
    expect(versions()).toEqual(new Set([`0.${minor + 1}.0`]));
    for (const { folder } of published) expect(changelog(folder)).toContain(`## 0.${minor + 1}.0`);
    expect(changelog('packages/codec')).toContain('A change that breaks a user.');

    await release({ b: "---\n'@raftkv/kv-client': patch\n---\n\nA bug that is mended.\n" });
    expect(versions()).toEqual(new Set([`0.${minor + 1}.1`]));
    expect(changelog('packages/kv-client')).toContain('A bug that is mended.');
  });

  it('leaves it to the packing to say which versions go together', () => {
    expect(innerRanges()).toEqual(new Set(['workspace:^']));
  });

  it('leaves alone what is not published', () => {
    const unpublished = layers.filter(({ isPublic }) => !isPublic);
    expect(new Set(unpublished.map(({ folder }) => manifestOf(folder, root).version))).toEqual(
      new Set(['0.0.0']),
    );
    for (const { folder } of unpublished) expect(changelog(folder)).toBe('');
  });
});
