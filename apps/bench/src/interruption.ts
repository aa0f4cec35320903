/** Ctrl-C, and what else asks the program to end. */

import { constants } from 'node:os';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with the exit code that tells of the signal. A second one changes nothing: what was begun is ended by then. */
export function untilInterrupted(): Promise<number> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve(codeOf(signal)));
    // Nobody reads any more, as behind `| head`.
    process.stdout.on('error', () => resolve(codeOf('SIGPIPE')));
    process.stderr.on('error', () => {});
  });
}

function codeOf(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
