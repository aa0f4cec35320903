/** What a run ends with where the stack did not do what it promises. */

import { PROMISES, type Promised } from '../workload/check.ts';

/** What a disk, a process and a client can see in a simulated world alone, beside what every cluster promises. */
export const SIMULATED_PROMISES = {
  'disk-kept':
    'what was told to be on disk is found there, with at most a prefix of what was under way; R29, R30',
  'snapshots-equal': 'snapshots of all members at one index are equal byte for byte; R34',
  'session-kept': 'a session lives as long as its client was told, unless that ends it; R38, R39',
  'members-agree': 'who takes part in the end is the same for all who do; Raft §6, R22',
  'removed-are-silent': 'who was removed asks for no votes any more; R24, R26',
  'written-in-order': 'writes are told to be on disk in the order in which they were asked for',
} as const;

/** The name by which a run tells what was broken. */
export type SimulatedPromise = Promised | keyof typeof SIMULATED_PROMISES;

const ALL: Readonly<Record<SimulatedPromise, string>> = { ...PROMISES, ...SIMULATED_PROMISES };

export class BrokenPromise extends Error {
  override readonly name = 'BrokenPromise';
  readonly promise: SimulatedPromise;

  constructor(promise: SimulatedPromise, what: string) {
    super(`${promise} (${ALL[promise]}): ${what}`);
    this.promise = promise;
  }
}
