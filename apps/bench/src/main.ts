/** `npm run bench -- COMMAND`: what a cluster of real processes does in how much time. */

import { CommanderError } from 'commander';
import type { Act } from './act.ts';
import { Endings } from './endings.ts';
import { BenchError, UsageError } from './errors.ts';
import { untilInterrupted } from './interruption.ts';
import { createProgram } from './program.ts';

const DONE = 0;
const FAILED = 1;
const WRONG_USAGE = 2;

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const endings = new Endings();
  try {
    return await Promise.race([run(args, endings), untilInterrupted()]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE;
    process.stderr.write(`${messageOf(error)}\n`);
    return error instanceof UsageError ? WRONG_USAGE : FAILED;
  } finally {
    await endings.all();
  }
}

async function run(args: readonly string[], endings: Endings): Promise<number> {
  let code = DONE;
  const act: Act = async (command) => {
    code = await command(endings);
  };
  const program = createProgram(act, {
    writeOut: (text) => process.stdout.write(text),
    writeErr: (text) => process.stderr.write(text),
  });
  await program.parseAsync(args, { from: 'user' });
  return code;
}

/** Whoever cannot do anything about an error is shown where it comes from. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const isExplained = error instanceof UsageError || error instanceof BenchError || 'code' in error;
  return isExplained ? error.message : (error.stack ?? error.message);
}
