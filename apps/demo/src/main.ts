/** What `npm start` runs: a cluster of three processes to use, or with `--story` one to watch. */

import { parseArgs } from 'node:util';
import { runCluster } from './run-cluster.ts';
import { runStory } from './story/run-story.ts';

const HELP = `npm start              three nodes in ./raftkv-demo, and at a terminal a prompt
npm start -- --story   kill a leader under eight writers, and nothing is lost
npm start -- --prompt  the prompt without a terminal: commands by standard input
`;

// What still waits, waits for what is gone.
process.exit(await main(process.argv.slice(2)));

async function main(args: string[]): Promise<number> {
  const options = {
    story: { type: 'boolean' },
    prompt: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    const { values } = parseArgs({ args, options });
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    if (values.story === true) return await runStory();
    const isAtTerminal = process.stdin.isTTY && process.stdout.isTTY;
    return await runCluster(values.prompt ?? isAtTerminal);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
}
