/** A promise that was seen to be broken: ends what is under way, and is told by its name. */

import type { Promised } from '../workload/check.ts';

export class BrokenPromise extends Error {
  readonly promise: Promised;

  constructor(promise: Promised, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.promise = promise;
  }
}

/** What `act` dies of is told under this name, unless it has one. */
export async function promised<Result>(promise: Promised, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof BrokenPromise ? error : new BrokenPromise(promise, error);
  }
}
