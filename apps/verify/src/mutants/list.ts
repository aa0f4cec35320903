/**
 * Small bugs that random seeds have to catch by the name of an invariant. Those that only tests catch, since no promise is
 * broken but that of being fast or of asking in vain, stand beside the tests of their package.
 */

import { CLIENT_MUTANTS } from './of-clients.ts';
import { DISK_MUTANTS } from './of-disk.ts';
import { ELECTION_MUTANTS } from './of-elections.ts';
import { LEASE_MUTANTS } from './of-leases.ts';
import { MEMBERSHIP_MUTANTS } from './of-membership.ts';
import { READ_MUTANTS } from './of-reads.ts';
import { REPLICATION_MUTANTS } from './of-replication.ts';
import { RUNTIME_MUTANTS } from './of-runtime.ts';
import { SNAPSHOT_MUTANTS } from './of-snapshots.ts';
import { STORAGE_MUTANTS } from './of-storage.ts';
import { TRANSFER_MUTANTS } from './of-transfers.ts';
import type { Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [
  ...ELECTION_MUTANTS,
  ...TRANSFER_MUTANTS,
  ...SNAPSHOT_MUTANTS,
  ...REPLICATION_MUTANTS,
  ...DISK_MUTANTS,
  ...READ_MUTANTS,
  ...LEASE_MUTANTS,
  ...MEMBERSHIP_MUTANTS,
  ...RUNTIME_MUTANTS,
  ...STORAGE_MUTANTS,
  ...CLIENT_MUTANTS,
];
