import { join } from 'node:path';
import { Supervisor } from './supervisor.mjs';
import { pnpm, toolEnvironment, turbo } from './tools.mjs';
import { ROOT } from './workspace.mjs';

const GRACE_MS = 5_000;

/**
 * @param {readonly string[]} args for the demo
 * @returns {Promise<number>} the exit code
 */
export async function start(args) {
  const supervisor = new Supervisor({ graceMs: GRACE_MS });
  const env = toolEnvironment();

  for (const call of [
    pnpm(['install', '--prefer-offline']),
    turbo(['build'], ['--output-logs=errors-only']),
  ]) {
    const { code, isStopped } = await supervisor.run(call, { env });
    if (isStopped) return 0;
    if (code !== 0) {
      console.error(`\`${call.command} ${call.args.join(' ')}\` failed; the demo was not started.`);
      return 1;
    }
  }

  const demo = {
    command: process.execPath,
    args: [join(ROOT, 'apps/demo/dist/main.js'), ...args],
    cwd: process.cwd(),
  };
  const { code, isStopped } = await supervisor.run(demo, { isInteractive: true });
  if (isStopped) return supervisor.wasKilled ? 1 : 0;
  return code ?? 1;
}
