/**
 * The public packages as a stranger gets them: packed to tarballs, and installed with npm into a project that has nothing
 * else. Made once for all tests that look at it, since it takes longer than any of them.
 */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAYERS } from '../../lib/layers.mjs';
import { npm, pnpm } from '../../lib/tools.mjs';
import { manifestOf, readJson, ROOT, workspaceFolders } from '../../lib/workspace.mjs';
import { runOrThrow } from './command.ts';
import type { PackedManifest } from './package-problems.ts';

const existing = new Set(workspaceFolders());

/** The packages that are published and that exist. */
export const PUBLIC_LAYERS: typeof LAYERS = LAYERS.filter(
  ({ folder, isPublic }) => isPublic && existing.has(folder),
);

export class PackedPackages {
  /** In a folder outside of the workspace, so that nothing of it is found by looking upwards. */
  readonly root: string = mkdtempSync(join(tmpdir(), 'packed-'));
  /** Where all packages are installed together. */
  readonly everything: string = join(this.root, 'everything');
  /** Where `@raftkv/core` is installed alone. */
  readonly coreAlone: string = join(this.root, 'core-alone');

  readonly #tarballs: string = join(this.root, 'tarballs');

  /** Packs and installs; the packages have to be built. */
  async prepare(): Promise<void> {
    const filters = PUBLIC_LAYERS.flatMap(({ name }) => ['--filter', name]);
    await runOrThrow(pnpm(['--recursive', ...filters, 'pack', '--pack-destination', this.#tarballs]));
    const all = PUBLIC_LAYERS.map(({ name }) => name);
    await Promise.all([install(this.coreAlone, ['@raftkv/core']), install(this.everything, all)]);
    // The one thing that a user of TypeScript on Node adds. A link, because there it is of the version tested here.
    mkdirSync(join(this.everything, 'node_modules/@types'), { recursive: true });
    const nodeTypes = join(ROOT, 'scripts/node_modules/@types/node');
    symlinkSync(nodeTypes, join(this.everything, 'node_modules/@types/node'), 'junction');
  }

  /** Where npm has put a package. */
  installed(name: string): string {
    return join(this.everything, 'node_modules', name);
  }

  /** The file that would be published. */
  tarballOf(name: string): string {
    return join(this.#tarballs, tarballOf(name));
  }

  manifestOf(name: string): PackedManifest {
    return readJson(join(this.installed(name), 'package.json'));
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Packs what lies in a folder as it is, and says where the tarball is. */
export async function packFolder(folder: string): Promise<string> {
  const quiet = ['--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const name = await runOrThrow({ ...npm(['pack', ...quiet]), cwd: folder });
  return join(folder, name.trim());
}

/** An empty project, and in it these packages of ours; what they need of others comes from npm's cache or its registry. */
async function install(project: string, names: readonly string[]): Promise<void> {
  const tarballs = Object.fromEntries(names.map((name) => [name, `file:../tarballs/${tarballOf(name)}`]));
  // An inner dependency is the tarball too, and not what a registry may have under the same version.
  const overrides = Object.fromEntries(names.map((name) => [name, `$${name}`]));
  mkdirSync(project);
  const manifest = { private: true, dependencies: tarballs, overrides };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest, null, 2));
  const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
  await runOrThrow({ ...npm(['install', ...quick]), cwd: project });
}

function tarballOf(name: string): string {
  const { folder } = PUBLIC_LAYERS.find((layer) => layer.name === name)!;
  return `${name.slice(1).replace('/', '-')}-${manifestOf(folder).version}.tgz`;
}
