/** Code that keeps to the boundaries, and code that breaks each of them once. */

export interface Violation {
  readonly path: string;
  readonly code: string;
  readonly breaks: string;
  /** The rule by which oxlint refuses it; absent where only the compiler can. */
  readonly lintRule?: string;
  /** The errors by which tsc may refuse it; absent where only the lint does. */
  readonly compileErrors?: readonly string[];
}

const CORE = 'packages/raft-core/src';
const CODEC = 'packages/codec/src';
const RUNTIME = 'packages/raft-runtime/src';
const MACHINE = 'packages/kv-state-machine/src';

export const CLEAN: Readonly<Record<string, string>> = {
  [`${CORE}/basics/term.ts`]: 'export const FIRST_TERM = 1;\n',
  [`${CORE}/contract/options.ts`]: `import { FIRST_TERM } from '../basics/term.ts';\nexport const START: number = FIRST_TERM;\n`,
  [`${CORE}/state/node.ts`]: `import { START } from '../contract/options.ts';\nexport const NODE: number = START;\n`,
  [`${CORE}/state/log.ts`]: `import { NODE } from './node.ts';\nexport const LOG: number = NODE;\n`,
  [`${CORE}/rules/election.ts`]: `import { LOG } from '../state/log.ts';\nexport const ROUND: number = LOG + Math.max(1, 2);\n`,
  [`${CORE}/step.ts`]: `import { ROUND } from './rules/election.ts';\nexport const STEP: number = ROUND;\n`,
  [`${CORE}/index.ts`]: `export { STEP } from './step.ts';\nexport type Step = number;\n`,
  'packages/raft-core/test/step.test.ts': `import { readFileSync } from 'node:fs';\nimport { expect, it } from 'vitest';\n\nit('may use Node in a test', () => {\n  expect(typeof readFileSync).toBe('function');\n  expect(Date.now()).toBeGreaterThan(0);\n});\n`,
  'packages/raft-core/test/helper.ts': 'export const HELP = 1;\n',
  [`${CODEC}/index.ts`]: 'export const now = (): number => Date.now();\n',
  'packages/raft-simulation/src/index.ts': 'export const SEED = 1;\n',
  [`${RUNTIME}/index.ts`]: `import { now } from '@raftkv/codec';\nimport { STEP } from '@raftkv/core';\nexport const RUN: number = STEP + now();\n`,
  // This layer may know the core's types, and nothing else of it.
  [`${MACHINE}/index.ts`]: `import type { Step } from '@raftkv/core';\nexport const APPLIED: Step = 1;\n`,
  'apps/cli/src/index.ts': 'export const CLI = 1;\n',
  'apps/server/src/index.ts': `import { readFileSync } from 'node:fs';\nimport { STEP } from '@raftkv/core';\nexport const SIZE: number = readFileSync('x').length + STEP;\n`,
};

const GLOBAL = 'eslint(no-restricted-globals)';
const PROPERTY = 'eslint(no-restricted-properties)';
const IMPORT = 'eslint(no-restricted-imports)';
const CYCLE = 'import(no-cycle)';
const UNKNOWN_NAME = ['TS2304', 'TS2552', 'TS2580', 'TS2584', 'TS2591'];
const UNKNOWN_MODULE = ['TS2307', 'TS2591'];
// 2878 where the other package is referenced: the path would not hold between the two outputs.
const OUTSIDE_ROOT = ['TS2878', 'TS6059', 'TS6307'];

/** A value of the platform, which the compiler does not know and the lint refuses all the same. */
function platformGlobal(name: string, expression: string): Violation {
  return {
    path: `${CORE}/rules/uses-${name.toLowerCase()}.ts`,
    code: `export const value: unknown = ${expression};\n`,
    breaks: `the core knows no ${name}`,
    lintRule: GLOBAL,
    compileErrors: UNKNOWN_NAME,
  };
}

/** A value of the language that brings in time, chance or a way out, so that only the lint can refuse it. */
function impureGlobal(name: string, expression: string, lintRule = GLOBAL): Violation {
  return {
    path: `${CORE}/rules/uses-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}.ts`,
    code: `export const value: unknown = ${expression};\n`,
    breaks: `the core has no ${name}`,
    lintRule,
  };
}

function importing(
  path: string,
  specifier: string,
  breaks: string,
  rest: Partial<Violation> = {},
): Violation {
  return { path, code: `export * from '${specifier}';\n`, breaks, lintRule: IMPORT, ...rest };
}

const PURITY: readonly Violation[] = [
  platformGlobal('setTimeout', 'setTimeout(() => {}, 1)'),
  platformGlobal('setInterval', 'setInterval(() => {}, 1)'),
  platformGlobal('queueMicrotask', 'queueMicrotask(() => {})'),
  platformGlobal('process', 'process.pid'),
  platformGlobal('console', 'console.log(1)'),
  platformGlobal('Buffer', 'Buffer.alloc(1)'),
  platformGlobal('performance', 'performance.now()'),
  platformGlobal('crypto', 'crypto.randomUUID()'),
  platformGlobal('fetch', "fetch('http://localhost')"),
  platformGlobal('require', "require('fs')"),
  impureGlobal('Date', 'Date.now()'),
  impureGlobal('Date of today', 'new Date()'),
  impureGlobal('Math random', 'Math.random()', PROPERTY),
  impureGlobal('Math random by name', "Math['random']()", PROPERTY),
  impureGlobal('globalThis', "Reflect.get(globalThis, 'Date')"),
  impureGlobal('Intl', 'new Intl.DateTimeFormat().format()'),
  impureGlobal('Function', "new Function('return Date.now()')"),
  impureGlobal('WeakRef', 'new WeakRef({})'),
  impureGlobal('order of a locale', "'a'.localeCompare('b')", PROPERTY),
  {
    path: `${CORE}/rules/takes-random.ts`,
    code: 'const { random } = Math;\nexport const value: number = random();\n',
    breaks: 'the core has no Math.random, also not by destructuring',
    lintRule: PROPERTY,
  },
  importing(`${CORE}/rules/imports-node.ts`, 'node:fs', 'the core imports nothing of Node', {
    compileErrors: UNKNOWN_MODULE,
  }),
  importing(`${CORE}/rules/imports-bare-node.ts`, 'fs', 'the core imports nothing of Node', {
    compileErrors: UNKNOWN_MODULE,
  }),
  {
    path: `${CORE}/rules/imports-late.ts`,
    code: `export const late: Promise<unknown> = import('node:fs');\n`,
    breaks: 'the core imports nothing of Node, also not late',
    compileErrors: UNKNOWN_MODULE,
  },
  importing(`${CORE}/rules/imports-tool.ts`, 'vitest', 'the core imports no package'),
  importing(`${CORE}/rules/imports-codec.ts`, '@raftkv/codec', 'the core imports no other package', {
    compileErrors: UNKNOWN_MODULE,
  }),
  {
    path: `${CORE}/rules/imports-type.ts`,
    code: `import type { now } from '@raftkv/codec';\nexport type Now = typeof now;\n`,
    breaks: 'the core imports no other package, not even a type',
    lintRule: IMPORT,
    compileErrors: UNKNOWN_MODULE,
  },
];

const BROWSER: readonly Violation[] = [
  importing(`${CODEC}/imports-node.ts`, 'node:fs', 'what runs in a browser imports nothing of Node', {
    compileErrors: UNKNOWN_MODULE,
  }),
  importing(
    `${CODEC}/imports-deep-node.ts`,
    'node:fs/promises',
    'what runs in a browser imports nothing of Node',
    {
      compileErrors: UNKNOWN_MODULE,
    },
  ),
  {
    path: `${CODEC}/uses-buffer.ts`,
    code: 'export const value: unknown = Buffer.alloc(1);\n',
    breaks: 'what runs in a browser has no Buffer',
    lintRule: GLOBAL,
    compileErrors: UNKNOWN_NAME,
  },
  {
    path: `${CODEC}/uses-process.ts`,
    code: 'export const value: unknown = process.pid;\n',
    breaks: 'what runs in a browser has no process',
    lintRule: GLOBAL,
    compileErrors: UNKNOWN_NAME,
  },
];

const BETWEEN_PACKAGES: readonly Violation[] = [
  importing(`${RUNTIME}/imports-upward.ts`, '@raftkv/simulation', 'no import upward, though it is declared'),
  importing(`${RUNTIME}/imports-undeclared.ts`, '@raftkv/kv-protocol', 'no import that is not declared', {
    compileErrors: UNKNOWN_MODULE,
  }),
  importing(
    `${RUNTIME}/imports-by-path.ts`,
    '../../codec/src/index.ts',
    'no relative import of another package',
    {
      compileErrors: OUTSIDE_ROOT,
    },
  ),
  importing(`${MACHINE}/imports-value.ts`, '@raftkv/core', 'only types, where the table says so'),
  importing(
    'packages/kv-state-machine/test/imports-value.ts',
    '@raftkv/core',
    'only types, where the table says so, from a test too',
  ),
  importing(
    `${MACHINE}/imports-compliance.ts`,
    '@raftkv/runtime/compliance',
    'a suite of cases is for tests alone',
  ),
  importing('apps/server/src/imports-upward.ts', '@raftkv/cli', 'no import upward between apps'),
  {
    path: 'packages/raft-core/test/imports-by-path.ts',
    code: `export * from '../../codec/src/index.ts';\n`,
    breaks: 'no relative import of another package from a test',
    compileErrors: OUTSIDE_ROOT,
  },
  importing(
    'packages/raft-core/test/imports-upward.ts',
    '@raftkv/simulation',
    'no import upward from a test',
  ),
];

const INSIDE_THE_CORE: readonly Violation[] = [
  importing(`${CORE}/basics/climbs-to-contract.ts`, '../contract/options.ts', 'basics stands below contract'),
  importing(`${CORE}/basics/climbs-to-top.ts`, '../step.ts', 'basics stands below the files of src'),
  importing(`${CORE}/contract/climbs-to-state.ts`, '../state/node.ts', 'contract stands below state'),
  importing(`${CORE}/state/climbs-to-rules.ts`, '../rules/election.ts', 'state stands below rules'),
  importing(`${CORE}/rules/climbs-to-top.ts`, '../step.ts', 'rules stands below the files of src'),
  importing(`${CORE}/basics/takes-a-detour.ts`, '../basics/../step.ts', 'no path that hides where it goes'),
  importing(`${CORE}/basics/leaves-src.ts`, '../../test/helper.ts', 'no import from outside src'),
  importing(`${CORE}/leaves-src.ts`, '../test/helper.ts', 'no import from outside src', {
    compileErrors: OUTSIDE_ROOT,
  }),
  ...cycle('values', `import { b } from './cycle-of-values-b.ts';\nexport const a = (): number => b();\n`),
  ...cycle('types', `import type { B } from './cycle-of-types-b.ts';\nexport type A = B | null;\n`),
];

function cycle(name: string, there: string): Violation[] {
  const back = there
    .replaceAll('-b.ts', '-a.ts')
    .replaceAll(/\b[aAbB]\b/g, (letter) => ({ a: 'b', b: 'a', A: 'B', B: 'A' })[letter] ?? letter)
    .replaceAll('-b.ts', '-a.ts');
  const violation = { breaks: `no cycle of ${name}`, lintRule: CYCLE };
  return [
    { ...violation, path: `${CORE}/state/cycle-of-${name}-a.ts`, code: there },
    { ...violation, path: `${CORE}/state/cycle-of-${name}-b.ts`, code: back },
  ];
}

export const VIOLATIONS: readonly Violation[] = [
  ...PURITY,
  ...BROWSER,
  ...BETWEEN_PACKAGES,
  ...INSIDE_THE_CORE,
];
