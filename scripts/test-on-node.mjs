/**
 * `node test-on-node.mjs VERSION`: the tests of packages and apps, and the examples of the documents as a
 * stranger runs them, on this Node, whose version is checked, because a Node from a package falls back to the installed one when something is amiss.
 */

import { spawnSync } from 'node:child_process';
import { tool } from './lib/tools.mjs';

const version = process.argv[2] ?? '';
if (process.version !== `v${version}`) {
  console.error(`this is Node ${process.version}, not ${version}`);
  process.exit(1);
}
const { command, args, cwd } = tool('vitest', ['run', 'packages/', 'apps/', 'scripts/test/packed']);
process.exitCode = spawnSync(command, args, { cwd, stdio: 'inherit' }).status ?? 1;
