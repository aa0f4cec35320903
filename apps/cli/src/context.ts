/** What a command needs of the process that it runs in. */

import type { Command } from 'commander';
import type { Readable, Writable } from 'node:stream';
import { endpointsOf, type Environment } from './endpoints.ts';
import type { Interruption } from './interruption.ts';
import type { OutputFormat } from './output.ts';

export interface Context {
  readonly environment: Environment;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
  readonly errors: Writable;
  readonly interruption: Interruption;
}

/** The flags that every command has. */
export interface CommonFlags {
  readonly output: OutputFormat;
  readonly endpoints?: string;
  /** In ms. */
  readonly timeout?: number;
}

export const TIMEOUT_MS = 5_000;

export interface Target {
  readonly endpoints: readonly string[];
  /** For the command in all, once it has its input. */
  readonly timeoutMs: number;
  /** Somebody said how long to wait: then nodes that cannot be reached are waited for as well. */
  readonly isPatient: boolean;
}

export function commonFlags(command: Command): CommonFlags {
  return command.optsWithGlobals<CommonFlags>();
}

/** @throws {UsageError} */
export function targetOf({ endpoints, timeout }: CommonFlags, environment: Environment): Target {
  return {
    endpoints: endpointsOf(endpoints, environment),
    timeoutMs: timeout ?? TIMEOUT_MS,
    isPatient: timeout !== undefined,
  };
}
