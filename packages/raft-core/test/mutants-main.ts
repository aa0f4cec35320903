/** `npm run mutants -- [--seeds N] [--only TEXT]`: breaks a copy of the core in each known way; each must be noticed. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MUTANTS, type Mutant } from './mutants.ts';
import { RULE_MUTANTS } from './mutants-of-rules.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '1000' }, only: { type: 'string' } },
});
const home = process.cwd();
/** A workspace of its own, since configuration is found by relative paths. */
const workspace = join(home, 'dist-test', 'mutant');
const copy = join(workspace, 'packages', 'raft-core');
const chosen = [...MUTANTS, ...RULE_MUTANTS].filter(({ name }) => name.includes(values.only ?? ''));

// A test that fails on the whole core, for want of a file in the copy, would catch every mutant.
const unbroken = catcherOf(null);
if (unbroken !== null) throw new Error(`the copy fails though nothing is broken: ${unbroken}`);

let survived = 0;
for (const mutant of chosen) {
  const catcher = catcherOf(mutant);
  if (catcher === null) survived += 1;
  console.log(
    `${catcher === null ? 'SURVIVED' : 'caught  '}  ${mutant.name}${catcher === null ? '' : `: ${catcher}`}`,
  );
}
rmSync(workspace, { recursive: true, force: true });
console.log(`${chosen.length - survived} passed, ${survived} failed`);
process.exitCode = survived === 0 && chosen.length > 0 ? 0 : 1;

/** What noticed the mutant first, or `null`; of the core as it is without one. */
function catcherOf(mutant: Mutant | null): string | null {
  prepare(mutant);
  const compiler = join(home, '..', '..', 'node_modules', 'typescript', 'bin', 'tsc');
  const compiled = run(
    compiler,
    '-p',
    'test/tsconfig.run.json',
    '--noUnusedLocals',
    'false',
    '--noUnusedParameters',
    'false',
  );
  if (compiled.status !== 0) return `the compiler\n${compiled.output}`;
  const seeds = run(join('dist-test', 'test', 'cluster-main.js'), '--seeds', values.seeds, '--first');
  if (seeds.status !== 0) return seeds.output.split('\n')[0] ?? '';
  const tests = run(
    join(home, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=dot',
    '--root',
    '.',
    '--exclude',
    '**/cluster.test.ts',
    // Runs the package as it was built, not the copy.
    '--exclude',
    '**/readme.test.ts',
    '--bail',
    '1',
  );
  if (tests.status !== 0)
    return tests.output.split('\n').find((line) => line.includes('FAIL')) ?? 'a test that does not load';
  return null;
}

function prepare(mutant: Mutant | null): void {
  rmSync(workspace, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const part of ['tsconfig.base.json', 'vitest.config.ts'])
    cpSync(join(home, '..', '..', part), join(workspace, part));
  symlinkSync(join(home, '..', '..', 'node_modules'), join(workspace, 'node_modules'));
  for (const part of ['src', 'test', 'package.json', 'tsconfig.json'])
    cpSync(join(home, part), join(copy, part), { recursive: true });
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

function run(script: string, ...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: copy,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
    // A mutant may run for ever: that is noticed too. Many times what an unbroken one takes.
    timeout: 300_000 + Number(values.seeds) * 300,
  });
  return { status, output: stderr + stdout };
}
