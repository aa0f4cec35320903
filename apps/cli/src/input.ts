/** The value that comes by standard input: all of it, as bytes. */

import { VALUE_BYTES_MAX } from '@raftkv/kv-protocol';
import type { Readable } from 'node:stream';
import { CommandError, EXIT_CODES, UsageError } from './exit-codes.ts';
import { reasonOf } from './reason.ts';

/**
 * @throws {UsageError} as soon as it is longer than a value may be; the rest is not read.
 * @throws the reason of `signal` if it is aborted.
 */
export async function readValue(stream: Readable, signal: AbortSignal): Promise<Uint8Array> {
  const stop = (): void => {
    stream.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await readWhole(stream);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UsageError) throw error;
    const what = `standard input cannot be read: ${reasonOf(error)}`;
    throw new CommandError(EXIT_CODES.failed, what, { cause: error });
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function readWhole(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The stream is destroyed where the loop is left, so whoever writes into it ends too.
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > VALUE_BYTES_MAX) {
      throw new UsageError(
        `the value on standard input is longer than the ${VALUE_BYTES_MAX} bytes allowed: split it`,
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
