/** Chance as the client needs it: for nonces, and for delays that differ between clients. */

/** Gives `count` bytes that nobody can foretell; by default the platform's `crypto`. */
export type RandomBytes = (count: number) => Uint8Array;

export const systemRandom: RandomBytes = (count) => crypto.getRandomValues(new Uint8Array(count));

export interface BackoffLimits {
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
}

/**
 * How long to wait before attempt number `attempt` (from 0) is repeated: anything up to a bound that doubles. Full
 * jitter, so that clients that failed together do not come back together. Source: Brooker, "Exponential Backoff And
 * Jitter" (2015).
 */
export function jitteredDelayMs(
  attempt: number,
  { backoffMs, backoffMaxMs }: BackoffLimits,
  random: RandomBytes,
): number {
  const boundMs = Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(attempt, 30));
  return fraction(random) * boundMs;
}

/** From 0, below 1. */
function fraction(random: RandomBytes): number {
  return random(4).reduce((value, byte) => (value + byte) / 256, 0);
}
