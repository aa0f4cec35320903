/** What a seed says of a mutant. */

import { CLUSTER_INVARIANTS, INVARIANTS } from '@raftkv/core';
import { INVARIANTS as MACHINE_INVARIANTS } from '@raftkv/kv-state-machine';
import { INVARIANTS as STORAGE_INVARIANTS } from '@raftkv/storage-file';
import { SIMULATED_PROMISES } from '../simulate/broken-promise.ts';
import { PROMISES } from '../workload/check.ts';

/** Every name by which a run may say what does not hold. */
const NAMES: ReadonlySet<string> = new Set(
  [
    CLUSTER_INVARIANTS,
    INVARIANTS,
    MACHINE_INVARIANTS,
    STORAGE_INVARIANTS,
    PROMISES,
    SIMULATED_PROMISES,
  ].flatMap((registry) => Object.keys(registry)),
);

export interface Verdict {
  readonly seed: number;
  /** The violated invariant; `null` where all held, or what did not hold has no name. */
  readonly invariant: string | null;
  /** What ended the run otherwise: an error without a name says that something is wrong, not what. */
  readonly unnamed: string | null;
}

export function verdictOf(
  seed: number,
  violation: { readonly name: string; readonly why: string } | null,
): Verdict {
  if (violation === null) return { seed, invariant: null, unnamed: null };
  const { name, why } = violation;
  if (NAMES.has(name)) return { seed, invariant: name, unnamed: null };
  return { seed, invariant: null, unnamed: `${name}: ${why.split('\n')[0] ?? ''}` };
}

/** A line that `JSON.stringify` made of a verdict. @throws {TypeError} if it is none. */
export function readVerdict(line: string): Verdict {
  const value: unknown = JSON.parse(line);
  if (!isVerdict(value)) throw new TypeError(`no verdict: ${line}`);
  return value;
}

function isVerdict(value: unknown): value is Verdict {
  return (
    typeof value === 'object' &&
    value !== null &&
    'seed' in value &&
    'invariant' in value &&
    'unnamed' in value
  );
}
