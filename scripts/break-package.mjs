/**
 * `node break-package.mjs FOLDER [--seeds N] [--only TEXT]`: breaks a copy of a package in each known way; each must be
 * noticed, by its random runs or by its tests. The ways stand in the package's test/broken.ts, and where the simulation
 * has to catch them too in apps/verify/src/mutants, both compiled before.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './lib/workspace.mjs';

/**
 * @typedef {object} Mutant
 * @property {string} name
 * @property {string} file below `src`
 * @property {string} find stands in `file` exactly once
 * @property {string} replace
 *
 * @typedef {object} Broken
 * @property {readonly Mutant[]} MUTANTS
 * @property {(seeds: string) => readonly string[]} [RANDOM_RUN] a program below `dist-test`, and its arguments; some have none
 * @property {readonly string[]} NOT_RUN patterns of tests that say nothing of the copy
 */

const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string', default: '1000' }, only: { type: 'string', default: '' } },
  allowPositionals: true,
});
const home = join(ROOT, positionals[0] ?? '');
/** A workspace of its own, since configuration is found by relative paths. */
const workspace = join(home, 'dist-test', 'mutant');
const copy = join(workspace, 'packages', basename(home));
/** @type {unknown} */
const broken = await import(join(home, 'dist-test/test/broken.js'));
if (!isBroken(broken)) throw new Error(`${home}/test/broken.ts does not say what to break`);
const { RANDOM_RUN, NOT_RUN } = broken;
const chosen = [...broken.MUTANTS, ...(await caughtBySeeds())].filter(({ name }) =>
  name.includes(values.only),
);

// A test that fails on the whole package, for want of a file in the copy, would catch every mutant.
const unbroken = chosen.length === 0 ? null : catcherOf(null);
if (unbroken !== null) throw new Error(`the copy fails though nothing is broken: ${unbroken}`);

let survived = 0;
for (const mutant of chosen) {
  const catcher = catcherOf(mutant);
  if (catcher === null) survived += 1;
  console.log(catcher === null ? `SURVIVED  ${mutant.name}` : `caught    ${mutant.name}: ${catcher}`);
}
rmSync(workspace, { recursive: true, force: true });
console.log(`${chosen.length - survived} passed, ${survived} failed`);
process.exitCode = survived === 0 ? 0 : 1;

/** @returns {Promise<readonly Mutant[]>} of this package */
async function caughtBySeeds() {
  /** @type {unknown} */
  const list = await import(join(ROOT, 'apps/verify/dist/mutants/list.js'));
  if (!isList(list)) throw new Error('apps/verify/src/mutants/list.ts does not say what to break');
  return list.MUTANTS.filter((mutant) => mutant.package === basename(home));
}

/**
 * @param {unknown} module
 * @returns {module is { MUTANTS: readonly (Mutant & { package: string })[] }}
 */
function isList(module) {
  return typeof module === 'object' && module !== null && 'MUTANTS' in module;
}

/**
 * @param {unknown} module
 * @returns {module is Broken}
 */
function isBroken(module) {
  return typeof module === 'object' && module !== null && 'MUTANTS' in module && 'NOT_RUN' in module;
}

/**
 * What noticed the mutant first, or `null`; of the package as it is without one.
 *
 * @param {Mutant | null} mutant
 */
function catcherOf(mutant) {
  prepare(mutant);
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const lenient = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false'];
  const compiled = run(compiler, '-p', 'test/tsconfig.run.json', ...lenient);
  if (compiled.status !== 0) return `the compiler\n${compiled.output}`;
  if (RANDOM_RUN !== undefined) {
    const [program = '', ...args] = RANDOM_RUN(values.seeds);
    const seeds = run(join('dist-test', program), ...args);
    if (seeds.status !== 0) return seeds.output.split('\n')[0] ?? '';
  }
  const excluded = NOT_RUN.flatMap((pattern) => ['--exclude', pattern]);
  const vitest = join(home, 'node_modules/vitest/vitest.mjs');
  const tests = run(vitest, 'run', '--reporter=dot', '--root', '.', '--bail', '1', ...excluded);
  if (tests.status === 0) return null;
  return tests.output.split('\n').find((line) => line.includes('FAIL')) ?? 'a test that does not load';
}

/** @param {Mutant | null} mutant */
function prepare(mutant) {
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const part of ['tsconfig.base.json', 'vitest.config.ts'])
    cpSync(join(ROOT, part), join(workspace, part));
  symlinkSync(join(ROOT, 'node_modules'), join(workspace, 'node_modules'));
  // The packages below are what they are; the copy's own configuration names them by their place.
  const siblings = join(home, '..');
  for (const name of readdirSync(siblings)) {
    if (name !== basename(home)) symlinkSync(join(siblings, name), join(workspace, 'packages', name));
  }
  for (const part of ['src', 'test', 'package.json', 'tsconfig.json']) {
    cpSync(join(home, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(home, 'node_modules'), join(copy, 'node_modules'));
  if (mutant === null) return;
  const { file, find, replace } = mutant;
  const path = join(copy, 'src', file);
  const source = readFileSync(path, 'utf8');
  if (source.split(find).length !== 2) throw new Error(`'${find}' must stand in ${file} exactly once`);
  writeFileSync(
    path,
    source.replace(find, () => replace),
  );
}

/**
 * @param {string} script
 * @param {readonly string[]} args
 */
function run(script, ...args) {
  const { status, stdout, stderr, error } = spawnSync(process.execPath, [script, ...args], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    // A mutant may run for ever: that is noticed too. Many times what an unbroken one takes.
    maxBuffer: 2 ** 28,
    timeout: 300_000 + Number(values.seeds) * 300,
  });
  return { status, output: `${stderr ?? ''}${stdout ?? ''}${error?.message ?? ''}` };
}
