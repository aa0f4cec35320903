/** The work of `.ci/run`: `npm test`, then the tests of packages and apps on other versions of Node. */

import { refuseOldNode } from './lib/node-version.mjs';

refuseOldNode();
const { runCi } = await import('./lib/run-ci.mjs');
process.exitCode = await runCi();
