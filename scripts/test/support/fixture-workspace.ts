/**
 * A small workspace in a temporary folder, under the real configuration of this one: the same lint
 * rules, the same compiler options, packages of the same names in the same folders. What is refused
 * here is refused there.
 */

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { LAYERS } from '../../lib/layers.mjs';
import { tool } from '../../lib/tools.mjs';
import { readJson, ROOT } from '../../lib/workspace.mjs';

const CONFIGURATION = ['.oxlintrc.json', '.oxlintrc.boundaries.json', 'tsconfig.base.json'];

interface LintReport {
  readonly diagnostics: readonly { readonly code: string; readonly filename: string }[];
}

export class FixtureWorkspace {
  readonly root: string = mkdtempSync(join(tmpdir(), 'raftkv-boundaries-'));

  constructor() {
    for (const name of CONFIGURATION) cpSync(join(ROOT, name), join(this.root, name));
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'), 'junction');
  }

  /**
   * A package of the table with the dependencies it declares, allowed or not, and with the compiler
   * options that the real one has, if there is one yet.
   */
  addPackage(folder: string, dependencies: readonly string[] = [], own: object = {}): void {
    const { name } = layerOf((layer) => layer.folder === folder);
    const exports = { '.': { types: './dist/index.d.ts', default: './dist/index.js' } };
    this.write(`${folder}/package.json`, JSON.stringify({ name, type: 'module', exports }));
    const targets = dependencies.map((dependency) => layerOf((layer) => layer.name === dependency).folder);
    const references = targets.map((target) => ({ path: join(relative(folder, '.'), target) }));
    const real = join(ROOT, folder, 'tsconfig.json');
    const tsconfig = existsSync(real)
      ? readJson<object>(real)
      : { extends: '../../tsconfig.base.json', ...own };
    this.write(`${folder}/tsconfig.json`, JSON.stringify({ ...tsconfig, references }));
    for (const [index, target] of targets.entries()) {
      const link = join(this.root, folder, 'node_modules', dependencies[index]!);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(this.root, target), link, 'junction');
    }
  }

  /** A file as it really is. */
  copy(folder: string, name: string): void {
    this.write(`${folder}/${name}`, readFileSync(join(ROOT, folder, name), 'utf8'));
  }

  write(path: string, content: string): void {
    const target = join(this.root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }

  /** The rules that oxlint finds broken, by file. */
  lint(): Map<string, Set<string>> {
    const { command, args } = tool('oxlint', ['--format', 'json', 'packages', 'apps']);
    const { stdout } = spawnSync(command, args, { cwd: this.root, encoding: 'utf8' });
    const report = JSON.parse(stdout) as LintReport;
    return grouped(report.diagnostics.map(({ filename, code }) => [filename, code] as const));
  }

  /** The errors that tsc finds in one package, by file; all that it imports has to be built. */
  compile(folder: string): Map<string, Set<string>> {
    const { stdout } = this.#tsc('-p', folder, '--pretty', 'false');
    const errors = [...stdout.matchAll(/^([^(\s]+)\(\d+,\d+\): error (TS\d+)/gm)];
    return grouped(errors.map(([, file = '', code = '']) => [file, code] as const));
  }

  /** Builds these packages and what they import; the errors as text, empty when there are none. */
  build(...folders: string[]): string {
    const { status, stdout } = this.#tsc('-b', ...folders);
    return status === 0 ? '' : `exit code ${status}\n${stdout}`;
  }

  #tsc(...args: string[]): { status: number | null; stdout: string } {
    const call = tool('tsc', args, 'typescript');
    return spawnSync(call.command, call.args, { cwd: this.root, encoding: 'utf8' });
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

function layerOf(is: (layer: (typeof LAYERS)[number]) => boolean): (typeof LAYERS)[number] {
  const layer = LAYERS.find(is);
  if (layer === undefined) throw new Error('the table of layers has no such package');
  return layer;
}

function grouped(pairs: readonly (readonly [file: string, code: string])[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const [file, code] of pairs) {
    const path = file.replaceAll('\\', '/');
    groups.set(path, (groups.get(path) ?? new Set()).add(code));
  }
  return groups;
}
