/** `npm run bench -- COMMAND`: what a cluster of real processes does in how much time. */

import { runFailOver } from './fail-over/run-fail-over.ts';
import { runLoadCommand } from './load/run-command.ts';
import { UsageError } from './usage.ts';

const HELP = `npm run bench -- put          writes
npm run bench -- get          reads; --consistency s: of what one node has applied
npm run bench -- fail-over    kills the leader --kills times (20), and waits for the next acknowledged write

put and get, on three processes of their own, or with --endpoints URL,URL on a cluster that runs:
  --clients 256  --conns 16  --total 100000  --val-size 256  --key-space-size 10000  --rate N
  --ladder clients|values     from 1 to 4,096 clients; from 16 B to 1 MiB
  --against etcd              the same on three etcd processes, in turn, --rounds times (3)
  --json FILE
`;

process.exit(await main(process.argv.slice(2)));

async function main([command, ...args]: string[]): Promise<number> {
  try {
    if (command === 'put' || command === 'get') return await runLoadCommand(command, args);
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
