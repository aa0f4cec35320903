import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { closingLine, exitCode, NOTHING, sum, tallyOfReport, tallyOfSummary } from './summary.mjs';
import { Supervisor } from './supervisor.mjs';
import { npm, onNode, toolEnvironment } from './tools.mjs';
import { ROOT } from './workspace.mjs';

/** @import { Tally } from './summary.mjs' */

/** The oldest Node that is supported, and the newest with long-term support. */
const OTHER_NODES = ['20.19.0', '24.21.0'];
const GRACE_MS = 5_000;
/** How long the stack is simulated, on seeds that follow from the date. */
const SIMULATED_MINUTES = 3;

/** @returns {Promise<number>} the exit code */
export async function runCi() {
  const supervisor = new Supervisor({ graceMs: GRACE_MS });
  const env = toolEnvironment();

  // What an earlier run left must not speak for this one.
  rmSync(join(ROOT, 'reports'), { recursive: true, force: true });
  const { code } = await supervisor.run(npm(['test']), { env });
  const own = tallyOfSummary(ROOT);
  // A run that failed without a failure in its summary has not written it to the end.
  const tallies = [code !== 0 && own.failed === 0 ? { ...own, failed: 1 } : own];
  tallies.push(await simulated(supervisor, env));
  for (const version of OTHER_NODES) tallies.push(await testsOnNode(version, supervisor, env));

  if (supervisor.stopReason !== null) tallies.push({ ...NOTHING, failed: 1 });
  const total = sum(tallies);
  console.log(`\n${closingLine(total)}`);
  return exitCode(total);
}

/**
 * One check, however many seeds there is time for: a seed that fails prints how to run it again.
 *
 * @param {Supervisor} supervisor
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Tally>}
 */
async function simulated(supervisor, env) {
  console.log(`\n== the stack in simulated worlds, ${SIMULATED_MINUTES} minutes on seeds of the day`);
  const args = ['run', 'simulate', '--', '--of-the-day', '--minutes', String(SIMULATED_MINUTES)];
  const { code } = await supervisor.run(npm(args), { env });
  return code === 0 ? { ...NOTHING, passed: 1 } : { ...NOTHING, failed: 1 };
}

/**
 * @param {string} version
 * @param {Supervisor} supervisor
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Tally>}
 */
async function testsOnNode(version, supervisor, env) {
  console.log(`\n== tests of packages and apps on Node ${version}`);
  const report = join(ROOT, 'reports/vitest.json');
  rmSync(report, { force: true });
  await supervisor.run(onNode(version, ['scripts/test-on-node.mjs', version]), { env });
  const tally = tallyOfReport(report);
  console.log(`== on Node ${version}: ${closingLine(tally)}`);
  return tally;
}
