/** `raftkv serve`: the server of `@raftkv/server`, which is loaded for nothing else. */

import { Option, type Command } from 'commander';
import { CommandError, EXIT_CODES } from '../exit-codes.ts';
import type { Environment } from '../endpoints.ts';

/** What stands behind `serve`, which is the server's to read; `null` for any other command. */
export function argumentsOfServe(args: readonly string[]): readonly string[] | null {
  const [first, second, ...rest] = args;
  if (first === 'serve') return args.slice(1);
  return first === 'help' && second === 'serve' && rest.length === 0 ? ['--help'] : null;
}

export async function serve(args: readonly string[], environment: Environment): Promise<number> {
  const { runServer } = await import('@raftkv/server');
  return runServer(args, environment, 'raftkv serve');
}

/** For the help and for completion: a command line that begins with it does not come here. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .summary('run a node; has flags of its own')
    .helpOption(false)
    .addOption(new Option('-h, --help', 'explain, with all flags'))
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      const advice = 'put it first, and behind it the flags of the server: see raftkv serve --help';
      throw new CommandError(EXIT_CODES.usage, `serve takes no flags of other commands: ${advice}`);
    });
}
