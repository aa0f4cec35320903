import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { boundaryConfig, BOUNDARY_FILE } from '../lib/boundary-rules.mjs';
import { LAYERS } from '../lib/layers.mjs';
import { manifestOf, readJson, ROOT, workspaceFolders } from '../lib/workspace.mjs';

const TOP_LEVEL = new Set(
  (
    'ARCHITECTURE.md CONTRIBUTING.md LICENSE README.md SECURITY.md apps docs package.json packages ' +
    'pnpm-lock.yaml pnpm-workspace.yaml scripts tsconfig.base.json turbo.json vitest.config.ts'
  ).split(' '),
);

const folders = workspaceFolders().filter((folder) => folder !== 'scripts');
const layers = LAYERS.filter(({ folder }) => folders.includes(folder));
const publicLayers = layers.filter(({ isPublic }) => isPublic);

function text(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

describe('the repository', () => {
  it('has nothing at its top level that a newcomer would not look for', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
    const top = new Set(tracked.map((path) => path.split('/')[0] ?? ''));
    expect([...top].filter((name) => !name.startsWith('.') && !TOP_LEVEL.has(name))).toEqual([]);
  });

  it('runs in CI what .ci/run does, and nothing else', () => {
    const steps = text('.github/workflows/ci.yml').match(/^\s*-? ?run: .*$/gm) ?? [];
    expect(steps.map((step) => step.trim().replace(/^- /, ''))).toEqual(['run: .ci/run']);
  });
});

describe('the table of layers', () => {
  it('names every package, by folder and by name', () => {
    expect(layers.map(({ folder }) => folder).toSorted()).toEqual(folders);
    for (const { folder, name, isPublic } of layers) {
      const manifest = manifestOf(folder);
      expect([manifest.name, manifest.private ?? false]).toEqual([name, !isPublic]);
    }
  });

  it('lets every package import only what stands before it', () => {
    const names = LAYERS.map(({ name }) => name);
    for (const [height, { name, mayImport, mayImportTypes = [] }] of LAYERS.entries()) {
      const above = [...mayImport, ...mayImportTypes].filter((other) => names.indexOf(other) >= height);
      expect({ name, above }).toEqual({ name, above: [] });
    }
  });

  it('is obeyed by what each package declares', () => {
    for (const { folder, name, mayImport, mayImportTypes = [] } of layers) {
      const manifest = manifestOf(folder);
      const declared = Object.keys({
        ...manifest.dependencies,
        ...manifest.peerDependencies,
        ...manifest.optionalDependencies,
        ...manifest.devDependencies,
      });
      const allowed = [...mayImport, ...mayImportTypes];
      const refused = declared.filter((other) => other.startsWith('@raftkv/') && !allowed.includes(other));
      expect({ name, refused }).toEqual({ name, refused: [] });
    }
  });

  it('lets a package that relies on nothing depend on nothing', () => {
    for (const { folder, platform } of layers) {
      if (platform !== 'nothing') continue;
      expect(manifestOf(folder).dependencies).toBeUndefined();
      expect(manifestOf(folder).peerDependencies).toBeUndefined();
    }
  });

  it('names the floors that are there, and no floor has folders of its own', () => {
    for (const { folder, floors = [] } of layers) {
      if (floors.length === 0) continue;
      const sources = readdirSync(join(ROOT, folder, 'src'), { withFileTypes: true });
      const inner = sources.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      expect(new Set(inner)).toEqual(new Set(floors));
      for (const floor of inner) {
        const entries = readdirSync(join(ROOT, folder, 'src', floor), { withFileTypes: true });
        expect(entries.filter((entry) => entry.isDirectory())).toEqual([]);
      }
    }
  });

  it('is what the lint configuration was written from', () => {
    expect(text(BOUNDARY_FILE)).toBe(boundaryConfig(LAYERS));
  });
});

describe('a published package', () => {
  it('shares one version with all others, by way of changesets', () => {
    const { fixed } = readJson<{ fixed: string[][] }>(join(ROOT, '.changeset/config.json'));
    expect(fixed).toEqual([publicLayers.map(({ name }) => name)]);
    expect(new Set(publicLayers.map(({ folder }) => manifestOf(folder).version)).size).toBe(1);
  });

  it('carries the licence, is public, and says which Node it needs', () => {
    for (const { folder } of publicLayers) {
      const { license, publishConfig, engines } = manifestOf(folder);
      expect({ license, publishConfig, engines }).toEqual({
        license: 'MIT',
        publishConfig: { access: 'public' },
        engines: manifestOf('.').engines,
      });
      expect(text(`${folder}/LICENSE`)).toBe(text('LICENSE'));
      expect(existsSync(join(ROOT, folder, 'README.md'))).toBe(true);
    }
  });
});
