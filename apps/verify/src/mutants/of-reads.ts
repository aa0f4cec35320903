/** Ways to break reads. Source: Raft §8; rule R16. */

import type { Mutant } from './mutant.ts';

export const READ_MUTANTS: readonly Mutant[] = [
  {
    name: 'a round is used twice (R16)',
    package: 'raft-core',
    file: 'rules/read-index.ts',
    find: 'round(leader.round + 1)',
    replace: 'leader.readRounds.length > 0 ? round(leader.round + 1) : round(Math.max(leader.round, 1))',
    edgeCases: [21],
    level: 'cluster',
  },
  {
    name: 'reads before an entry of the own term is committed (§8)',
    package: 'raft-core',
    file: 'rules/read-index.ts',
    find: '!hasCommittedInTerm(draft.role, draft.commitIndex)',
    replace: 'draft.commitIndex < 0',
    edgeCases: [20],
    level: 'cluster',
  },
  {
    name: 'reads of a leader that asks nobody (§8)',
    package: 'raft-core',
    file: 'rules/read-index.ts',
    find: 'const confirmed = quorumReached(leader, leader.round, ({ echoedRound }) => echoedRound);',
    replace: 'const confirmed = leader.round;',
    edgeCases: [21],
    level: 'cluster',
  },
  {
    name: 'a round that waits is confirmed with the one before (R16)',
    package: 'raft-core',
    file: 'rules/read-index.ts',
    find: 'if (number > confirmed) break;',
    replace: 'if (number > confirmed + 1) break;',
    edgeCases: [21],
    level: 'cluster',
  },
  {
    name: 'any commit is enough to read (§8)',
    package: 'raft-core',
    file: 'state/role.ts',
    find: 'return commitIndex >= leader.firstIndex;',
    replace: 'return commitIndex > 0;',
    edgeCases: [20],
    level: 'cluster',
  },
  {
    name: 'a lone voter reads before it has committed anything (§8)',
    package: 'raft-core',
    file: 'state/role.ts',
    find: 'return commitIndex >= leader.firstIndex;',
    replace: 'return leader.progress.length === 0 || commitIndex >= leader.firstIndex;',
    edgeCases: [20],
    level: 'cluster',
  },
];
