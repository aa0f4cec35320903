/** The command: reads its configuration, serves until a signal or a failure, and says by its exit code how it ended. */

import { EmptiedMemberError } from '@raftkv/runtime';
import { StorageError, StorageFailedError } from '@raftkv/storage-file';
import { ListenError } from '@raftkv/transport-ws';
import { readConfiguration, type Intent } from './configuration/configuration.ts';
import { helpText } from './configuration/flags.ts';
import type { Environment } from './configuration/sources.ts';
import { ClientListenError, codeOf, DataDirectoryError, UsageError } from './errors.ts';
import { pinoLog } from './logging/pino-log.ts';
import { startServer, type Server } from './server.ts';
import { VERSION } from './version.ts';

/** How the command exits; README.md says what happened. */
export const EXIT_CODES = {
  done: 0,
  unexpected: 1,
  usage: 2,
  failed: 3,
  directoryRefused: 4,
  cannotListen: 5,
  emptied: 6,
} as const;
/** One of `EXIT_CODES`. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;
/** After a failure, for those who ask `/readyz` what happened. */
const LAST_WORDS_MS = 300;
/** A node that failed may not be able to close its files. */
const CLOSE_MS = 500;

/**
 * Gives the exit code; the caller ends the process, since a failed disk may keep it alive.
 *
 * @param command what the user has typed to come here: errors and help begin with it.
 */
export async function runServer(
  args: readonly string[],
  environment: Environment,
  command = 'raftkv-server',
): Promise<ExitCode> {
  try {
    const intent = readConfiguration(args, environment);
    if (intent.kind === 'serve') return await serve(intent);
    process.stdout.write(intent.kind === 'help' ? helpText(command) : `${VERSION}\n`);
    return EXIT_CODES.done;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = exitCodeOf(error);
    const trace = code === EXIT_CODES.unexpected && error instanceof Error ? `\n${error.stack}` : '';
    process.stderr.write(`${command}: ${message}${trace}\n`);
    return code;
  }
}

async function serve({ options, logLevel, doubts }: Extract<Intent, { kind: 'serve' }>): Promise<ExitCode> {
  const log = pinoLog(logLevel);
  for (const doubt of doubts) log.warn({}, doubt);
  const stopped = untilAsked();
  const started = await Promise.race([startServer({ ...options, log }), stopped]);
  // Nobody was served yet, and what is on disk may end anywhere.
  if (typeof started === 'string') return EXIT_CODES.done;
  const server = started;
  const ending = await Promise.race([stopped, server.failed]);
  if (ending instanceof Error) return endFailed(server, ending);
  log.info({ by: ending }, 'this node is asked to stop; a second signal stops it at once');
  for (const signal of SIGNALS) process.on(signal, () => process.exit(EXIT_CODES.unexpected));
  await server.close();
  return EXIT_CODES.done;
}

/** By a signal, or by the end of a process that started this one with a channel to it. */
function untilAsked(): Promise<string> {
  return new Promise((resolve) => {
    const ask = (by: string): void => {
      for (const signal of SIGNALS) process.removeListener(signal, ask);
      resolve(by);
    };
    for (const signal of SIGNALS) process.on(signal, ask);
    process.once('disconnect', () => ask('disconnect'));
  });
}

async function endFailed(server: Server, cause: Error): Promise<ExitCode> {
  await after(LAST_WORDS_MS);
  await Promise.race([server.close(), after(CLOSE_MS)]);
  const code = exitCodeOf(cause);
  return code === EXIT_CODES.emptied ? code : EXIT_CODES.failed;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError || codeOf(error) === 'RAFT_OPTIONS') return EXIT_CODES.usage;
  if (error instanceof StorageFailedError) return EXIT_CODES.failed;
  if (error instanceof StorageError || error instanceof DataDirectoryError)
    return EXIT_CODES.directoryRefused;
  if (error instanceof ClientListenError || error instanceof ListenError) return EXIT_CODES.cannotListen;
  if (error instanceof EmptiedMemberError) return EXIT_CODES.emptied;
  return EXIT_CODES.unexpected;
}
