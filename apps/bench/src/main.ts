/** `npm run bench -- COMMAND`: what a cluster of real processes does in how much time. */

import { runFailOver } from './fail-over/run-fail-over.ts';
import { UsageError } from './usage.ts';

const HELP = `npm run bench -- fail-over [--kills 20]    kills the leader, and waits for the next acknowledged write
`;

process.exit(await main(process.argv.slice(2)));

async function main([command, ...args]: string[]): Promise<number> {
  try {
    if (command === 'fail-over') return await runFailOver(args);
    if (command !== undefined && command !== 'help' && command !== '--help') {
      throw new UsageError(`there is no command '${command}'`);
    }
    process.stdout.write(HELP);
    return command === undefined ? 2 : 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}`);
    return 2;
  }
}
