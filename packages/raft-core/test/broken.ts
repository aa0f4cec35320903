/**
 * What `npm run mutants:tests` breaks in this package beside what random seeds of whole clusters catch by the name of an
 * invariant (apps/verify/src/mutants), and what has to notice it. These break no promise but cost time, messages or memory;
 * or a second guard makes them harmless; or what they need hardly ever happens.
 */

import { MUTANTS as PAPER_MUTANTS, type Mutant } from './mutants.ts';
import { REPLICATION_MUTANTS } from './mutants-of-replication.ts';
import { MEMBERSHIP_MUTANTS } from './mutants-of-membership.ts';
import { SNAPSHOT_MUTANTS } from './mutants-of-snapshots.ts';
import { RULE_MUTANTS } from './mutants-of-rules.ts';

export const MUTANTS: readonly Mutant[] = [
  ...PAPER_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...RULE_MUTANTS,
  ...REPLICATION_MUTANTS,
  ...SNAPSHOT_MUTANTS,
];

export const RANDOM_RUN = (seeds: string): string[] => ['test/cluster-main.js', '--seeds', seeds, '--first'];

/** Seeds run before; the example runs the package as it was built, not the copy; and what is broken is not there any more. */
export const NOT_RUN = ['**/cluster.test.ts', '**/readme.test.ts', '**/broken.test.ts'];
