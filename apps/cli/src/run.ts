/** The command line: from arguments to an exit code. The caller ends the process. */

import { KvError } from '@raftkv/kv-client';
import { CommanderError, type Command } from 'commander';
import { argumentsOfServe, serve } from './commands/serve.ts';
import type { Context } from './context.ts';
import type { Environment } from './endpoints.ts';
import { CommandError, EXIT_CODES, exitCodeOf } from './exit-codes.ts';
import { Interruption } from './interruption.ts';
import { ReaderGone, tell, writeResult } from './output.ts';
import { createProgram } from './program.ts';
import { reasonOf } from './reason.ts';

export async function run(args: readonly string[], environment: Environment): Promise<number> {
  const ofServer = argumentsOfServe(args);
  if (ofServer !== null) return serve(ofServer, environment);
  const context: Context = {
    environment,
    // Opened by those alone that read it.
    get input() {
      return process.stdin;
    },
    output: process.stdout,
    errors: process.stderr,
    interruption: new Interruption(),
  };
  return runIn(context, args);
}

/** Any command but `serve`, in whatever `context` stands for a process. */
export async function runIn(context: Context, args: readonly string[]): Promise<number> {
  try {
    return await runClient(args, context);
  } catch (error) {
    if (error instanceof ReaderGone) return EXIT_CODES.done;
    tell(context.errors, messageOf(error));
    return exitCodeOf(error);
  }
}

async function runClient(args: readonly string[], context: Context): Promise<number> {
  let help = '';
  const program = createProgram(context, (text) => {
    help += text;
  });
  try {
    await program.parseAsync(withKnownTopic(args, program), { from: 'user' });
    return EXIT_CODES.done;
  } catch (error) {
    // By this commander says that it has explained something, because it was asked to or no command was given.
    if (!(error instanceof CommanderError)) throw error;
    const isAsked = error.exitCode === 0;
    await writeResult(isAsked ? context.output : context.errors, help);
    return isAsked ? EXIT_CODES.done : EXIT_CODES.usage;
  }
}

/** `help` of what is no command is answered as that command would be: by the nearest name. */
function withKnownTopic(args: readonly string[], program: Command): readonly string[] {
  const [first, topic] = args;
  if (first !== 'help' || topic === undefined || topic.startsWith('-')) return args;
  const isKnown = topic === 'help' || program.commands.some((command) => command.name() === topic);
  return isKnown ? args : [topic];
}

function messageOf(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  if (error instanceof KvError) {
    return error.cause === undefined ? error.message : `${error.message}: ${reasonOf(error.cause)}`;
  }
  return `unexpected, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
