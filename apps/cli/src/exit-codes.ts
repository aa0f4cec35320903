/** How the command says by its exit code what happened; scripts rely on it. `raftkv serve` has codes of its own. */

import { KvError, type KvErrorCode } from '@raftkv/kv-client';

export const EXIT_CODES = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The key is absent, or the condition false; nothing changed. */
  notSo: 3,
  /** Unavailable or timed out; nothing changed. */
  unavailable: 4,
  /** A write may have taken effect, or may yet. */
  unknown: 5,
  /** By Ctrl-C; nothing changed. As a shell counts a process that SIGINT ended. */
  interrupted: 130,
  /** By SIGTERM; nothing changed. */
  terminated: 143,
} as const;
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const CODES: Readonly<Record<KvErrorCode, ExitCode>> = {
  KV_CONDITION_FAILED: EXIT_CODES.notSo,
  KV_INVALID_ARGUMENT: EXIT_CODES.usage,
  KV_REQUEST_TOO_LARGE: EXIT_CODES.usage,
  KV_TIMEOUT: EXIT_CODES.unavailable,
  KV_UNAVAILABLE: EXIT_CODES.unavailable,
  KV_OVERLOADED: EXIT_CODES.unavailable,
  KV_SESSION_EXPIRED: EXIT_CODES.unavailable,
  KV_MEMBERSHIP_REFUSED: EXIT_CODES.failed,
  KV_TRANSFER_REFUSED: EXIT_CODES.failed,
  KV_PROTOCOL: EXIT_CODES.failed,
  KV_VALUE_FORMAT: EXIT_CODES.failed,
  KV_CLOSED: EXIT_CODES.failed,
};

/** The one place where errors become exit codes. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandError) return error.exitCode;
  if (!(error instanceof KvError)) return EXIT_CODES.failed;
  // Whatever the reason: a script that repeats a write has to know that first.
  return error.outcome === 'unknown' ? EXIT_CODES.unknown : CODES[error.code];
}

/** The command ends otherwise than by its result: `message` says what happened and what to do. */
export class CommandError extends Error {
  override readonly name: string = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** An argument, a flag or a variable makes no sense. */
export class UsageError extends CommandError {
  override readonly name = 'UsageError';

  constructor(message: string, options?: ErrorOptions) {
    super(EXIT_CODES.usage, message, options);
  }
}
