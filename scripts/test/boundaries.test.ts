/**
 * Every boundary is shown to hold by a violation of it, under the real configuration: what each line
 * below does has to be refused, by the tool and with the rule that it names.
 */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLEAN, VIOLATIONS } from './support/boundary-violations.ts';
import { FixtureWorkspace } from './support/fixture-workspace.ts';

const CORE = 'packages/raft-core';
const CORE_TESTS = 'packages/raft-core/test';
const CODEC = 'packages/codec';
const RUNTIME = 'packages/raft-runtime';
const SIMULATION = 'packages/raft-simulation';
const MACHINE = 'packages/kv-state-machine';
const SERVER = 'apps/server';
const CLI = 'apps/cli';
const BUILT = [CORE, CODEC, RUNTIME];
const COMPILED = [...BUILT, CORE_TESTS];

let workspace: FixtureWorkspace;
let cleanBuild: string;
let cleanLint: FixtureLint;
let lint: FixtureLint;
let compile: FixtureLint;
type FixtureLint = ReadonlyMap<string, ReadonlySet<string>>;

// All violations are seeded at once, each in a file of its own: a tool that starts is what takes time.
beforeAll(() => {
  workspace = new FixtureWorkspace();
  workspace.addPackage(CORE);
  workspace.copy(CORE_TESTS, 'tsconfig.json');
  workspace.addPackage(CODEC);
  workspace.addPackage(RUNTIME, ['@raftkv/core', '@raftkv/codec', '@raftkv/simulation']);
  workspace.addPackage(SIMULATION);
  workspace.addPackage(MACHINE, ['@raftkv/core', '@raftkv/codec']);
  workspace.addPackage(SERVER, ['@raftkv/core', '@raftkv/cli'], { compilerOptions: { types: ['node'] } });
  workspace.addPackage(CLI);

  for (const [path, code] of Object.entries(CLEAN)) workspace.write(path, code);
  cleanBuild = workspace.build(...BUILT, MACHINE, SERVER);
  cleanLint = workspace.lint();

  for (const { path, code } of VIOLATIONS) workspace.write(path, code);
  lint = workspace.lint();
  compile = new Map(COMPILED.flatMap((folder) => [...workspace.compile(folder)]));
});

afterAll(() => {
  workspace.remove();
});

describe('code that keeps to the boundaries', () => {
  it('compiles', () => {
    expect(cleanBuild).toBe('');
  });

  it('passes the lint, before and after other files break the rules', () => {
    expect([...cleanLint].map(([file, rules]) => [file, ...rules])).toEqual([]);
    expect(Object.keys(CLEAN).filter((path) => lint.has(path) || compile.has(path))).toEqual([]);
  });
});

describe('a boundary', () => {
  for (const { path, breaks, lintRule } of VIOLATIONS.filter(
    (violation) => violation.lintRule !== undefined,
  )) {
    it(`is held by the lint: ${breaks} (${path})`, () => {
      expect([...(lint.get(path) ?? [])]).toContain(lintRule);
    });
  }

  for (const { path, breaks, compileErrors = [] } of VIOLATIONS) {
    if (compileErrors.length === 0) continue;
    it(`is held by the compiler: ${breaks} (${path})`, () => {
      const found = [...(compile.get(path) ?? [])];
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter((code) => !compileErrors.includes(code))).toEqual([]);
    });
  }
});
