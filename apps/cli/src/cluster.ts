/** One call to the cluster, within the time that the command has. */

import { connect, KvError, TimeoutError, type KvClient, type Notice } from '@raftkv/kv-client';
import type { Target } from './context.ts';
import { formatDuration } from './duration.ts';
import { CommandError, EXIT_CODES } from './exit-codes.ts';
import type { Interruption } from './interruption.ts';
import { reasonOf } from './reason.ts';

export type Call<Result> = (kv: KvClient, options: { readonly timeoutMs: number }) => Promise<Result>;

/** The longest that a node may take to say hello; less where the time has to do for several. */
const HELLO_MS_MAX = 2_000;

const UNKNOWN = 'whether the write took effect is not known: read the key before you repeat it';

/**
 * @throws {CommandError} if no node can be reached, there is no answer in time, or the command is interrupted.
 * @throws {KvError} as the call does.
 */
export async function callCluster<Result>(
  target: Target,
  interruption: Interruption,
  call: Call<Result>,
): Promise<Result> {
  const deadlineMs = performance.now() + target.timeoutMs;
  const { signal } = interruption;
  const kv = await connected(target, interruption);
  // Closed, and not aborted: only the error of a close says whether a write had been sent.
  const close = (): void => void kv.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    if (signal.aborted) throw interrupted(interruption);
    return await call(kv, { timeoutMs: Math.max(1, deadlineMs - performance.now()) });
  } catch (error) {
    if (signal.aborted) throw interrupted(interruption, error);
    throw error instanceof TimeoutError ? timedOut(target, error) : error;
  } finally {
    signal.removeEventListener('abort', close);
    await kv.close();
  }
}

async function connected(target: Target, interruption: Interruption): Promise<KvClient> {
  const { endpoints, timeoutMs } = target;
  const givenUp = new AbortController();
  const vain = new Map<string, string>();
  const onNotice = (notice: Notice): void => {
    if (notice.kind !== 'disconnected' && notice.kind !== 'distrusted') return;
    vain.set(notice.url, sayingWhy(notice.error));
    const isAll = endpoints.every((endpoint) => vain.has(endpoint));
    // Someone who types a command wants to know at once; a script that would rather wait says how long.
    if (isAll && !target.isPatient) givenUp.abort();
  };
  try {
    return await connect({
      endpoints,
      timeoutMs,
      offlineWaitMs: timeoutMs,
      helloTimeoutMs: Math.min(HELLO_MS_MAX, timeoutMs / (endpoints.length + 1)),
      signal: AbortSignal.any([interruption.signal, givenUp.signal]),
      onNotice,
    });
  } catch (error) {
    if (interruption.signal.aborted) throw interrupted(interruption);
    if (!givenUp.signal.aborted && !(error instanceof KvError)) throw error;
    const reasons =
      vain.size === 0 ? `no answer within ${formatDuration(timeoutMs)}` : [...vain.values()].join('; ');
    const advice = 'start one with raftkv serve, or name others by --endpoints';
    throw new CommandError(EXIT_CODES.unavailable, `no node answers: ${reasons}; ${advice}`, {
      cause: error,
    });
  }
}

/** The message of the client names the node; where it ends too early, what it rests on says the rest. */
function sayingWhy(error: KvError): string {
  return error.message.endsWith(': ') ? error.message + reasonOf(error) : error.message;
}

function timedOut({ timeoutMs }: Target, { outcome, cause }: TimeoutError): CommandError {
  const why = cause === undefined ? '' : `: ${reasonOf(cause)}`;
  const what = `no answer within ${formatDuration(timeoutMs)}${why}`;
  if (outcome === 'unknown') return new CommandError(EXIT_CODES.unknown, `${what}; ${UNKNOWN}`, { cause });
  return new CommandError(EXIT_CODES.unavailable, `${what}; nothing was changed; see raftkv status`, {
    cause,
  });
}

/** Also for whatever is interrupted before it, or beside it. */
export function interrupted(interruption: Interruption, error?: unknown): CommandError {
  if (error instanceof KvError && error.outcome === 'unknown') {
    return new CommandError(EXIT_CODES.unknown, `interrupted after the write had been sent; ${UNKNOWN}`);
  }
  return new CommandError(interruption.exitCode, 'interrupted; nothing was changed');
}
