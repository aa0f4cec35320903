/** Ways to break reads of followers, lease reads, and the promises below them. Source: Diss. §6.4; rules R17, R19, R20. */

import type { Mutant } from './mutant.ts';

export const LEASE_MUTANTS: readonly Mutant[] = [
  {
    name: 'a follower serves what it asked for some time ago (R17)',
    package: 'raft-core',
    file: 'rules/follower-read.ts',
    find: 'maxStalenessMs > 0 &&\n    confirmed !== null &&\n    nowMs - confirmed.askedMs <= maxStalenessMs',
    replace: 'confirmed !== null',
    edgeCases: [21],
    level: 'cluster',
  },
  {
    name: 'a follower takes the answer to an older question (R17)',
    package: 'raft-core',
    file: 'rules/follower-read.ts',
    find: 'reads.asked.find((one) => one.counter === counter)',
    replace: 'reads.asked.findLast((one) => one.counter >= counter)',
    edgeCases: [21],
    level: 'cluster',
  },
  {
    name: 'a lease is counted from the answer (R20)',
    package: 'raft-core',
    file: 'rules/lease.ts',
    find: 'asked.sinceMs + leasePromiseMs',
    replace: 'state.nowMs + leasePromiseMs',
    edgeCases: [22],
    level: 'cluster',
  },
  {
    name: 'doubt about the clock leaves the lease as it is (R19)',
    package: 'raft-core',
    file: 'rules/lease.ts',
    find: 'leader.lease = NO_LEASE;',
    replace: 'leader.lease = draft.role.lease;',
    edgeCases: [22],
    level: 'cluster',
  },
  {
    name: 'a lease on the promise of one voter (R20)',
    package: 'raft-core',
    file: 'rules/lease.ts',
    find: 'quorumValue(promised)',
    replace: 'Math.max(...promised.slice(0, -1))',
    edgeCases: [22],
    level: 'cluster',
  },
  {
    name: 'reads by a lease before an entry of the own term is committed (R20)',
    package: 'raft-core',
    file: 'rules/lease.ts',
    find: 'nowMs < untilMs && hasCommittedInTerm(leader, commitIndex)',
    replace: 'nowMs < untilMs',
    edgeCases: [20, 22],
    level: 'cluster',
  },
  {
    name: 'a clock that stood still raises no doubt (R19)',
    package: 'raft-runtime',
    file: 'node/clock-doubt.ts',
    find: 'aheadMs - this.leastMs > this.boundMs',
    replace: 'aheadMs - this.leastMs > Infinity',
    edgeCases: [22],
    level: 'cluster',
  },
];
