/** The tree of commands: what `--help` shows, what is parsed, and what completion is made from. */

import { Command, Option, type CommanderError } from 'commander';
import { addCompletion } from './commands/completion.ts';
import { addDelete } from './commands/del.ts';
import { addGet } from './commands/get.ts';
import { addPut } from './commands/put.ts';
import { addServe } from './commands/serve.ts';
import { addStatus } from './commands/status.ts';
import { TIMEOUT_MS, type Context } from './context.ts';
import { parseDuration } from './duration.ts';
import { ENDPOINT_DEFAULT, ENDPOINTS_VARIABLE } from './endpoints.ts';
import { UsageError } from './exit-codes.ts';
import { OUTPUT_FORMATS } from './output.ts';
import { VERSION } from './version.ts';

const AFTER_HELP = `
A key or value that begins with - goes after --, as in raftkv put offset -- -5

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 key absent or condition false,
4 unavailable or timed out and nothing changed, 5 a write may have taken effect;
130 and 143 interrupted and nothing changed. raftkv serve has its own codes.`;

/** @param write takes help, which is not written yet when the command ends. */
export function createProgram(context: Context, write: (text: string) => void): Command {
  const program = new Command('raftkv')
    .description('A replicated key-value store: read, write, look at a cluster, or be a node of it.')
    .addOption(
      new Option('-o, --output <format>', 'how results are printed').choices(OUTPUT_FORMATS).default('text'),
    )
    .option('--endpoints <url,…>', `nodes to ask; else ${ENDPOINTS_VARIABLE}, else ${ENDPOINT_DEFAULT}`)
    .option(
      '--timeout <duration>',
      `how long it may take, such as 500ms or 2m (default: ${TIMEOUT_MS / 1_000}s)`,
      parseDuration,
    )
    .version(VERSION, '-V, --version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: write,
      writeErr: write,
      // Told by whoever catches it, in one line.
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', AFTER_HELP);
  program.helpCommand('help [command]', 'explain a command');
  program.helpOption('-h, --help', 'explain');
  for (const add of [addPut, addGet, addDelete, addStatus, addServe, addCompletion]) add(program, context);
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => {
      throw error.exitCode === 0 || error.code === 'commander.help' ? error : usageError(error, command);
    });
  }
  return program;
}

/** Commander's finding, without its `error:`, in one line, with what to do. */
function usageError({ code, message }: CommanderError, command: Command): UsageError {
  const found = message.replace(/^error: /, '').replace(/\.?\s*$/, '');
  const dashes =
    code === 'commander.unknownOption' ? '; a key or value that begins with - goes after --' : '';
  const name = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  return new UsageError(`${found}${dashes}; see ${name} --help`);
}
