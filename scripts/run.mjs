/** `npm run NAME -- …` for the commands of the root, without pnpm on the PATH: see lib/commands.mjs. */

import { refuseOldNode } from './lib/node-version.mjs';

refuseOldNode();
const { runCommand } = await import('./lib/commands.mjs');
process.exitCode = await runCommand(process.argv[2] ?? '', process.argv.slice(3));
