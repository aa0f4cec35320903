import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { chosenTests } from './chosen-tests.mjs';
import { closingLine, exitCode, NOTHING, sum, tallyOfReport, writeSummary } from './summary.mjs';
import { Supervisor } from './supervisor.mjs';
import { pnpm, tool, toolEnvironment, turbo } from './tools.mjs';
import { manifestOf, ROOT, workspaceFolders } from './workspace.mjs';

/**
 * @import { Tally } from './summary.mjs'
 * @import { Call } from './tools.mjs'
 * @typedef {(call: Call) => Promise<boolean>} Run
 */

const GRACE_MS = 5_000;

/** What is checked without running the code, each counted as one. Calls are made late: before the install there is no tool. */
const STATIC_CHECKS = /** @type {const} */ ([
  ['types', () => turbo(['typecheck'], ['--continue', '--output-logs=errors-only'])],
  ['lint', () => tool('oxlint')],
  ['format', () => tool('oxfmt', ['--check'])],
  ['unused code', () => tool('knip')],
  ['public surface', () => ({ command: process.execPath, args: [join(ROOT, 'scripts/api.mjs')], cwd: ROOT })],
]);

/**
 * Everything; or, where there are arguments, only the tests that they choose.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>} the exit code
 */
export async function checkAll(args) {
  const supervisor = new Supervisor({ graceMs: GRACE_MS });
  const env = toolEnvironment();
  /** @type {Run} */
  const run = async (call) => {
    const { code } = await supervisor.run(call, { env });
    return code === 0;
  };

  /** @type {Tally} */
  let total = NOTHING;
  try {
    total = args.length === 0 ? await tallyOfEverything(run) : await tallyOfChosen(args, run);
  } catch (error) {
    console.error(error);
    total = sum([total, { ...NOTHING, failed: 1 }]);
  }
  if (supervisor.stopReason !== null) console.error(`\nstopped: ${supervisor.stopReason}`);
  writeSummary(ROOT, total);
  console.log(`\n${closingLine(total)}`);
  return exitCode(total);
}

/**
 * @param {Run} run
 * @param {string} [root]
 * @returns {Promise<Tally>}
 */
export async function tallyOfEverything(run, root = ROOT) {
  const install = await one('install', () => pnpm(['install', '--prefer-offline']), run);
  if (install.failed > 0) return install;
  const build = await one('build', () => turbo(['build'], ['--continue', '--output-logs=errors-only']), run);
  // Without a build, types and lint would report its absence a hundred times over.
  if (build.failed > 0) return sum([install, build]);

  const tallies = [install, build];
  for (const [name, call] of STATIC_CHECKS) tallies.push(await one(name, call, run));
  tallies.push(await packageTests(run, root));
  return sum(tallies);
}

/**
 * Most tests read the packages from their source; examples and programs run as they were built.
 *
 * @param {readonly string[]} args
 * @param {Run} run
 * @returns {Promise<Tally>}
 */
async function tallyOfChosen(args, run) {
  if (!(await run(pnpm(['install', '--prefer-offline', '--reporter=silent']))))
    return { ...NOTHING, failed: 1 };
  if (!(await run(turbo(['build'], ['--output-logs=errors-only'])))) return { ...NOTHING, failed: 1 };
  const report = join(ROOT, 'reports/vitest.json');
  rmSync(report, { force: true });
  await run(tool('vitest', ['run', ...chosenTests(args)]));
  return tallyOfReport(report);
}

/**
 * @param {string} name
 * @param {() => Call} call
 * @param {Run} run
 * @returns {Promise<Tally>}
 */
async function one(name, call, run) {
  console.log(`\n== ${name}`);
  const startedAt = Date.now();
  const isPassed = await run(call());
  const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1);
  console.log(`== ${name}: ${isPassed ? 'passed' : 'FAILED'} in ${seconds} s`);
  return isPassed ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

/**
 * @param {Run} run
 * @param {string} root
 * @returns {Promise<Tally>}
 */
async function packageTests(run, root) {
  console.log('\n== tests');
  const folders = workspaceFolders(root).filter(
    (folder) => manifestOf(folder, root).scripts?.['test'] !== undefined,
  );
  // A report of an earlier run must not stand in for one that this run failed to write.
  for (const folder of folders) rmSync(join(root, folder, 'reports/vitest.json'), { force: true });

  const isPassed = await run(turbo(['test'], ['--continue', '--output-logs=new-only']));
  const tallies = folders.map((folder) => {
    const tally = tallyOfReport(join(root, folder, 'reports/vitest.json'));
    console.log(`== tests of ${folder}: ${closingLine(tally)}`);
    return tally;
  });
  const total = sum(tallies);
  // The run failed in a way that no report tells of.
  return isPassed || total.failed > 0 ? total : { ...total, failed: 1 };
}
