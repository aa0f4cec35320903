import { Supervisor } from './supervisor.mjs';
import { pnpm, tool, toolEnvironment, turbo } from './tools.mjs';
import { ROOT } from './workspace.mjs';

/** @import { Call } from './tools.mjs' */

const GRACE_MS = 5_000;

/** The core and its test programs, compiled for plain Node. */
const compiledTests = () => tool('tsc', ['-p', 'packages/raft-core/test/tsconfig.run.json'], 'typescript');

/**
 * The steps of each command, run in this order until one fails.
 *
 * @type {Record<string, (args: readonly string[]) => (() => Call)[]>}
 */
const COMMANDS = {
  build: (args) => [() => turbo(['build'], args)],
  typecheck: (args) => [() => turbo(['typecheck'], ['--continue', ...args])],
  lint: (args) => [
    () => tool('oxlint', args),
    () => tool('oxfmt', ['--check']),
    () => tool('knip'),
    () => node('scripts/boundaries.mjs', ['--check']),
  ],
  format: (args) => [() => tool('oxfmt', args)],
  boundaries: (args) => [() => node('scripts/boundaries.mjs', args)],
  coverage: (args) => [() => tool('vitest', ['run', '--coverage', ...args])],
  'bench:micro': (args) => [() => tool('vitest', ['bench', '--run', ...args])],
  cluster: (args) => [compiledTests, () => node('packages/raft-core/dist-test/test/cluster-main.js', args)],
  mutants: (args) => [compiledTests, () => node('packages/raft-core/dist-test/test/mutants-main.js', args)],
};

/**
 * Installs what is missing, then runs the steps of the command.
 *
 * @param {string} name
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code: 0, that of the step that failed, or 2 for an unknown name
 */
export async function runCommand(name, args) {
  const steps = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.(args) : undefined;
  if (steps === undefined) {
    console.error(`no command '${name}'; there are: ${Object.keys(COMMANDS).join(', ')}`);
    return 2;
  }
  const supervisor = new Supervisor({ graceMs: GRACE_MS });
  const env = toolEnvironment();
  for (const step of [() => pnpm(['install', '--prefer-offline', '--reporter=silent']), ...steps]) {
    const { code } = await supervisor.run(step(), { cwd: ROOT, env });
    if (code !== 0) {
      if (supervisor.stopReason !== null) console.error(`stopped: ${supervisor.stopReason}`);
      return code ?? 1;
    }
  }
  return 0;
}

/**
 * @param {string} path
 * @param {readonly string[]} args
 * @returns {Call}
 */
function node(path, args) {
  return { command: process.execPath, args: [path, ...args] };
}
