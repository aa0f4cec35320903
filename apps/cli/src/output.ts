/** Standard output has the result and nothing else; all other words go to standard error. */

import type { Writable } from 'node:stream';
import { CommandError, EXIT_CODES } from './exit-codes.ts';
import { printable } from './printable.ts';
import { reasonOf } from './reason.ts';

export const OUTPUT_FORMATS = ['text', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Whoever read the result has read enough: the command ends quietly, with 0. */
export class ReaderGone extends Error {}

/**
 * Resolves when it is written.
 *
 * @param done what has happened in the cluster, for the message if it cannot be written.
 * @throws {ReaderGone} if nobody reads it any more.
 * @throws {CommandError} if it cannot be written otherwise, such as to a full disk.
 */
export async function writeResult(stream: Writable, result: Uint8Array | string, done = ''): Promise<void> {
  // The callback below has the same error.
  stream.on('error', () => {});
  const error = await new Promise<Error | null | undefined>((resolve) => {
    stream.write(result, resolve);
  });
  if (!error) return;
  if ('code' in error && error.code === 'EPIPE') throw new ReaderGone();
  const what = `the result cannot be written: ${reasonOf(error)}${done === '' ? '' : `; ${done}`}`;
  throw new CommandError(EXIT_CODES.failed, what, { cause: error });
}

export function jsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** One line for people. */
export function tell(stream: Writable, message: string): void {
  stream.on('error', () => {});
  stream.write(`raftkv: ${printable(message)}\n`);
}
