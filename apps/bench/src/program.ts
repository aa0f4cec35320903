/** The tree of commands: what `--help` shows and what is parsed. */

import { Command, type CommanderError } from 'commander';
import type { Act } from './act.ts';
import { addCore } from './core/run-core.ts';
import { UsageError } from './errors.ts';
import { addFailOver } from './fail-over/run-fail-over.ts';
import { addLoad } from './load/run-command.ts';
import { addMemory } from './memory/run-memory.ts';

const NAME = 'npm run bench --';
const HELP_COLUMNS = 80;

const AFTER_HELP = `
COMMAND --help explains its flags. Data is kept below the directory for
temporary files, which TMPDIR names: it has to be on a disk.
More: docs/performance.md`;

/** Where help goes: what is asked for, and what is shown because nothing was. */
export interface HelpOutput {
  writeOut(text: string): void;
  writeErr(text: string): void;
}

export function createProgram(act: Act, output: HelpOutput): Command {
  const program = new Command(NAME)
    .description('What a cluster does in how much time.')
    .helpCommand('help [command]', 'explain a command')
    .addHelpText('after', AFTER_HELP);
  addLoad(program, 'put', 'writes, durable on a majority', act);
  addLoad(program, 'get', 'reads', act);
  addFailOver(program, act);
  addMemory(program, act);
  addCore(program, act);
  for (const command of [program, ...program.commands]) {
    command
      .helpOption('-h, --help', 'explain')
      .configureHelp({ helpWidth: HELP_COLUMNS })
      .configureOutput({
        writeOut: (text) => output.writeOut(text),
        writeErr: (text) => output.writeErr(text),
        getOutHasColors: () => false,
        getErrHasColors: () => false,
        // Told by whoever catches it.
        outputError: () => {},
      })
      .exitOverride((error) => {
        throw error.exitCode === 0 || error.code === 'commander.help' ? error : usageError(error, command);
      });
  }
  return program;
}

/** Commander's finding, without its `error:`, with where to read more. */
function usageError({ message }: CommanderError, command: Command): UsageError {
  const parents = command.parent === null ? '' : `${command.parent.name()} `;
  return new UsageError(`${message.replace(/^error: /, '')}\nsee ${parents}${command.name()} --help`);
}
