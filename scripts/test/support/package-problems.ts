/** What is wrong with a package as it was installed from its tarball, in words; nothing, where it is right. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { readJson, ROOT, type Manifest, type Target } from '../../lib/workspace.mjs';

export interface PackedManifest extends Manifest {
  readonly exports: Readonly<Record<string, Target>>;
  readonly sideEffects?: boolean | readonly string[];
  readonly type?: string;
}

const NEEDED = ['LICENSE', 'README.md', 'package.json'];
/** Of what can be imported by the package's own name; what else `exports` and `bin` name is looked for besides. */
const NEEDED_BY_ROOT_ENTRY = ['dist/index.js', 'dist/index.d.ts', 'src/index.ts'];
/** Each file of a package is one of these, or is named by `files`; tests, build information and reports are not. */
const KNOWN_FILE =
  /^(LICENSE|README\.md|CHANGELOG\.md|package\.json|src\/.+\.ts|dist\/.+\.(js|d\.ts)(\.map)?)$/;
const KNOWN_FOLDERS = ['dist', 'src'];

/** @param version that all packages of the release have */
export function problemsOf(folder: string, version: string): string[] {
  const files = filesBelow(folder);
  const manifest = readJson<PackedManifest>(join(folder, 'package.json'));
  const needed = '.' in manifest.exports ? [...NEEDED, ...NEEDED_BY_ROOT_ENTRY] : NEEDED;
  return [
    ...needed.filter((name) => !files.includes(name)).map((name) => `${name} is missing`),
    ...files.filter((name) => !isKnown(name, manifest)).map((name) => `${name} has no business there`),
    ...manifestProblems(manifest, version),
    ...targetsOf(manifest)
      .filter((target) => !files.includes(target))
      .map((target) => `package.json names ${target}, which is missing`),
    ...files
      .filter((name) => /^dist\/.*\.(js|d\.ts)$/.test(name))
      .flatMap((name) => mapProblems(folder, name)),
    ...files
      .filter((name) => hasMachinePath(join(folder, name)))
      .map((name) => `${name} has a path of this machine`),
  ];
}

/** The names under which something of the package is imported, such as `@raftkv/runtime/compliance`. */
export function entryPointsOf({ name, exports }: PackedManifest): string[] {
  return Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => name + path.slice(1));
}

/** Whether code can import it, and not only people run it. */
export function isLibrary(manifest: PackedManifest): boolean {
  return entryPointsOf(manifest).length > 0;
}

function isKnown(name: string, { files = [] }: PackedManifest): boolean {
  if (KNOWN_FILE.test(name)) return true;
  return files.some((folder) => !KNOWN_FOLDERS.includes(folder) && name.startsWith(`${folder}/`));
}

function manifestProblems(manifest: PackedManifest, version: string): string[] {
  const { license, type, engines, sideEffects, exports, bin, dependencies = {} } = manifest;
  const ranges = Object.entries({ ...dependencies, ...manifest.peerDependencies });
  return [
    ...(manifest.version === version ? [] : [`its version is ${manifest.version}, not ${version}`]),
    ...(license === 'MIT' ? [] : ['its licence is not MIT']),
    ...(type === 'module' ? [] : ['it is not of type module']),
    ...(engines?.['node'] === '>=20.19' ? [] : ['engines.node is not >=20.19']),
    ...('./package.json' in exports ? [] : ['exports lacks ./package.json']),
    ...(isLibrary(manifest) || bin !== undefined ? [] : ['it can neither be imported nor run']),
    // What has an effect when it is imported is a program, and nothing else.
    ...(sideEffects === false || bin !== undefined ? [] : ['sideEffects is not false']),
    ...(bin === undefined || !isLibrary(manifest) || Array.isArray(sideEffects)
      ? []
      : ['sideEffects does not name the program']),
    ...ranges
      .filter(([name, range]) => range !== expectedRange(name, range, version))
      .map(([name, range]) => `depends on ${name} at ${range}`),
  ];
}

/** Of one release among themselves; of others, whatever mends a bug or a hole: they release without asking us. */
function expectedRange(name: string, range: string, version: string): string {
  if (name.startsWith('@raftkv/')) return `^${version}`;
  return /^\^\d+\.\d+\.\d+$/.test(range) ? range : 'a caret range';
}

/** All files that `exports` and `bin` name, as paths within the package. */
function targetsOf({ exports, bin = {} }: PackedManifest): string[] {
  const targets = [...Object.values(exports).flatMap(leavesOf), ...Object.values(bin)];
  return targets.map((target) => target.replace('./', ''));
}

function leavesOf(target: Target): string[] {
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(leavesOf);
}

/** A debugger and "go to definition" lead to the sources, which are in the tarball. */
function mapProblems(folder: string, name: string): string[] {
  const path = join(folder, `${name}.map`);
  if (!existsSync(path)) return [`${name} has no map`];
  const { sources } = readJson<{ sources: string[] }>(path);
  const missing = sources.filter((source) => !existsSync(join(dirname(path), source)));
  return missing.map((source) => `the map of ${name} leads to ${source}, which is missing`);
}

function hasMachinePath(path: string): boolean {
  const text = readFileSync(path, 'utf8');
  return text.includes(ROOT) || text.includes(`${homedir()}/`);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}
