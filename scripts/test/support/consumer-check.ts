/** Compiles what a user's code says of the packages, as each kind of user compiles it. */

import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, ROOT, type Manifest } from '../../lib/workspace.mjs';
import { runCommand } from './command.ts';

const CONSUMERS = join(ROOT, 'scripts/test/consumers');

/** The compilers that users may have: this repository's own, and the oldest that is served. */
export const COMPILERS = ['typescript', 'typescript-oldest'] as const;

/** What there is beside the language, for each consumer. */
const PLATFORMS = {
  everywhere: { lib: ['ES2023'], types: [] },
  browser: { lib: ['ES2023', 'DOM'], types: [] },
  node: { lib: ['ES2023'], types: ['node'] },
} as const;

/** The same file is a module of Node, a CommonJS one that requires the packages, and input of a bundler. */
const MODES = {
  nodenext: { extensions: ['mts', 'cts'], options: { module: 'nodenext' } },
  bundler: { extensions: ['ts'], options: { module: 'esnext', moduleResolution: 'bundler' } },
} as const;

export type Platform = keyof typeof PLATFORMS;
export type Mode = keyof typeof MODES;
export const PLATFORM_NAMES = ['everywhere', 'browser', 'node'] as const satisfies readonly Platform[];
export const MODE_NAMES = ['nodenext', 'bundler'] as const satisfies readonly Mode[];

/** The text of all consumers. */
export function consumerSources(): string {
  const names = readdirSync(CONSUMERS);
  return names.map((name) => readFileSync(join(CONSUMERS, name), 'utf8')).join('\n');
}

/** As `tsc --version` has it. */
export function versionOf(compiler: string): string {
  return readJson<Manifest>(join(ROOT, 'scripts/node_modules', compiler, 'package.json')).version ?? '';
}

/** What the compiler says of one consumer; nothing, where all is well. */
export function compileConsumer(
  project: string,
  compiler: string,
  platform: Platform,
  mode: Mode,
): Promise<string> {
  const { extensions, options } = MODES[mode];
  const files = extensions.map((extension) => `${platform}.${extension}`);
  const folder = join(project, 'consumers', `${compiler}-${platform}-${mode}`);
  mkdirSync(folder, { recursive: true });
  for (const file of files) copyFileSync(join(CONSUMERS, `${platform}.ts`), join(folder, file));
  return compile(folder, compiler, { ...PLATFORMS[platform], ...options }, files);
}

/**
 * What the compiler says of the TypeScript that documents show; it may hold on to what it gets by `await using`. One run for
 * all, each a module of its own: what a run costs is the declarations that it reads, and they read the same ones.
 */
export function compileExamples(
  project: string,
  compiler: string,
  codes: readonly string[],
): Promise<string> {
  const folder = join(project, 'sketches', compiler);
  mkdirSync(folder, { recursive: true });
  const files = codes.map((_, at) => `example-${at}.mts`);
  for (const [at, file] of files.entries()) writeFileSync(join(folder, file), codes[at] ?? '');
  const lib = ['ES2023', 'ESNext.Disposable'];
  const options = { lib, types: ['node'], module: 'nodenext', moduleDetection: 'force' };
  return compile(folder, compiler, options, files);
}

async function compile(
  folder: string,
  compiler: string,
  options: object,
  files: readonly string[],
): Promise<string> {
  const compilerOptions = { strict: true, skipLibCheck: false, noEmit: true, target: 'es2022', ...options };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const program = join(ROOT, 'scripts/node_modules', compiler, 'bin/tsc');
  const args = [program, '--project', folder, '--pretty', 'false'];
  const { code, stdout, stderr } = await runCommand({ command: process.execPath, args, cwd: folder });
  return code === 0 ? '' : `${stdout}${stderr}`;
}
