/**
 * `node test-on-node.mjs VERSION`: the tests of all that others run (packages, server, command line and demo), of the stack
 * under attack, and the examples of the documents as a stranger runs them, on this Node. Its version is checked, because a
 * Node from a package falls back to the installed one when something is amiss.
 */

import { spawnSync } from 'node:child_process';
import { tool } from './lib/tools.mjs';

const version = process.argv[2] ?? '';
if (process.version !== `v${version}`) {
  console.error(`this is Node ${process.version}, not ${version}`);
  process.exit(1);
}
const TESTED = [
  'packages/',
  'apps/server/',
  'apps/cli/',
  'apps/demo/',
  'apps/verify/',
  'scripts/test/packed',
];
const { command, args, cwd } = tool('vitest', ['run', ...TESTED]);
process.exitCode = spawnSync(command, args, { cwd, stdio: 'inherit' }).status ?? 1;
