/**
 * `npm start`: installs, builds and runs the demo, on a machine that has only Node and npm.
 * Ends with 0 when it was stopped and all it started has ended, also when the parent process went away.
 */

import { refuseOldNode } from './lib/node-version.mjs';

refuseOldNode();
const { start } = await import('./lib/start.mjs');
process.exitCode = await start(process.argv.slice(2));
