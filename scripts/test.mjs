/**
 * `npm test`: installs, builds and checks everything, on a machine that has only Node and npm. The
 * last line is always `N passed, N failed`, and `, N skipped` where something was.
 */

import { refuseOldNode } from './lib/node-version.mjs';

refuseOldNode();
const { checkAll } = await import('./lib/check-all.mjs');
process.exitCode = await checkAll();
