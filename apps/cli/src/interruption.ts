/** Ctrl-C, and what else asks the command to end, until it has its result. */

import { EXIT_CODES, type ExitCode } from './exit-codes.ts';

const CODES = { SIGINT: EXIT_CODES.interrupted, SIGTERM: EXIT_CODES.terminated } as const;
type Signal = keyof typeof CODES;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export class Interruption {
  private readonly controller = new AbortController();
  private by: Signal = 'SIGINT';
  private readonly interrupt = (signal: Signal): void => {
    this.by = signal;
    this.controller.abort(new Error('interrupted'));
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.interrupt);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  get exitCode(): ExitCode {
    return CODES[this.by];
  }

  /** From here on a signal ends the process as it ends any other: one that writes to a full pipe hears nothing else. */
  release(): void {
    for (const signal of SIGNALS) process.removeListener(signal, this.interrupt);
  }
}
