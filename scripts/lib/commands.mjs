import { join } from 'node:path';
import { closingLine } from './summary.mjs';
import { Supervisor } from './supervisor.mjs';
import { pnpm, tool, toolEnvironment, turbo } from './tools.mjs';
import { ROOT } from './workspace.mjs';

/** @import { Call } from './tools.mjs' */

const GRACE_MS = 5_000;

const CORE = 'packages/raft-core';
const MACHINE = 'packages/kv-state-machine';
const STORAGE = 'packages/raft-storage-file';
const TRANSPORT = 'packages/raft-transport-ws';

/**
 * @typedef {object} Command
 * @property {(args: readonly string[]) => (() => Call)[]} steps
 * @property {boolean} [areChecks] whether the steps are checks of equal rank, all run and counted, and
 *   not stages of which each needs the one before
 */

/** @type {Record<string, Command>} */
const COMMANDS = {
  build: { steps: (args) => [() => turbo(['build'], args)] },
  typecheck: { steps: (args) => [() => turbo(['typecheck'], ['--continue', ...args])] },
  lint: {
    areChecks: true,
    steps: (args) => [
      () => tool('oxlint', args),
      () => tool('oxfmt', ['--check']),
      () => tool('knip'),
      () => node(join(ROOT, 'scripts/boundaries.mjs'), ['--check']),
    ],
  },
  format: { steps: (args) => [() => tool('oxfmt', args)] },
  boundaries: { steps: (args) => [() => node(join(ROOT, 'scripts/boundaries.mjs'), args)] },
  api: {
    steps: (args) => [
      () => turbo(['build'], ['--output-logs=errors-only']),
      () => node(join(ROOT, 'scripts/api.mjs'), args),
    ],
  },
  coverage: { steps: (args) => [() => tool('vitest', ['run', '--coverage', ...args])] },
  'bench:micro': {
    steps: (args) => [
      ...testProgram(CORE, 'bench/main.js', []),
      ...testProgram(MACHINE, 'bench/main.js', []),
      ...testProgram(STORAGE, 'bench/main.js', args),
    ],
  },
  cluster: { steps: (args) => testProgram(CORE, 'test/cluster-main.js', args) },
  bench: { steps: (args) => builtProgram('apps/bench/dist/main.js', args) },
  chaos: { steps: (args) => builtProgram('apps/verify/dist/chaos-main.js', args) },
  scenarios: { steps: (args) => builtProgram('apps/verify/dist/scenarios-main.js', args) },
  simulate: { steps: (args) => builtProgram('apps/verify/dist/simulate-main.js', args) },
  'crash-points': { steps: (args) => testProgram(STORAGE, 'test/crash-points-main.js', args) },
  mutants: { steps: (args) => builtProgram('apps/verify/dist/mutants-main.js', args) },
  'mutants:tests': {
    areChecks: true,
    steps: (args) => [CORE, STORAGE, TRANSPORT].flatMap((folder) => broken(folder, args)),
  },
};

/**
 * Installs what is missing, then runs the steps of the command.
 *
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code: 0, that of the first step that failed, or 2 for an unknown name
 */
export async function runCommand(name, args) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    console.error(`no command '${name}'; there are: ${Object.keys(COMMANDS).join(', ')}`);
    return 2;
  }
  const supervisor = new Supervisor({ graceMs: GRACE_MS });
  const env = toolEnvironment();
  const install = await supervisor.run(pnpm(['install', '--prefer-offline', '--reporter=silent']), { env });
  if (install.code !== 0) {
    console.error(supervisor.stopReason ?? '`pnpm install` failed');
    return install.code ?? 1;
  }

  const codes = [];
  for (const step of command.steps(args)) {
    const { code } = await supervisor.run(step(), { env });
    codes.push(code ?? 1);
    if (supervisor.stopReason !== null || (code !== 0 && command.areChecks !== true)) break;
  }
  if (supervisor.stopReason !== null) console.error(`stopped: ${supervisor.stopReason}`);
  const failed = codes.filter((code) => code !== 0);
  if (command.areChecks === true) {
    console.log(closingLine({ passed: codes.length - failed.length, failed: failed.length, skipped: 0 }));
  }
  return failed[0] ?? 0;
}

/**
 * @param {string} path
 * @param {readonly string[]} args
 */
function builtProgram(path, args) {
  return [() => turbo(['build'], ['--output-logs=errors-only']), () => node(join(ROOT, path), args)];
}

/**
 * Compiles a package together with its test programs, and runs one of them with plain Node: no test runner stands
 * between the code and its speed.
 *
 * @param {string} folder
 * @param {string} program
 * @param {readonly string[]} args
 */
function testProgram(folder, program, args) {
  return [
    ...compiled(folder),
    () => ({ ...node(join(ROOT, folder, 'dist-test', program), args), cwd: join(ROOT, folder) }),
  ];
}

/**
 * @param {string} folder
 * @param {readonly string[]} args
 */
function broken(folder, args) {
  return [
    // It has the list of those that random seeds have to catch, too.
    () => turbo(['build'], ['--output-logs=errors-only', '--filter=./apps/verify']),
    ...compiled(folder),
    () => node(join(ROOT, 'scripts/break-package.mjs'), [folder, ...args]),
  ];
}

/** The packages below have to be built, as this one's compiler reads their types. @param {string} folder */
function compiled(folder) {
  return [
    () => turbo(['build'], ['--output-logs=errors-only', `--filter=./${folder}`]),
    () => tool('tsc', ['-p', join(ROOT, folder, 'test/tsconfig.run.json')], 'typescript'),
  ];
}

/**
 * @param {string} path
 * @param {readonly string[]} args
 * @returns {Call}
 */
function node(path, args) {
  return { command: process.execPath, args: [path, ...args], cwd: ROOT };
}
