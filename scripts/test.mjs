/**
 * `npm test`: installs, builds and checks everything, on a machine that has only Node and npm; with
 * arguments, runs only the tests that they choose: `npm test -- @raftkv/core -t 'a part of a title'`. The
 * last line is always `N passed, N failed`, and `, N skipped` where something was.
 */

import { refuseOldNode } from './lib/node-version.mjs';

refuseOldNode();
const { checkAll } = await import('./lib/check-all.mjs');
process.exitCode = await checkAll(process.argv.slice(2));
