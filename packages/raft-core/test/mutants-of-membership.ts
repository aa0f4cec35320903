/** Ways to break changes of membership (R21 to R26). */

import type { Mutant } from './mutants.ts';

export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  {
    name: 'the new voters alone decide in a joint configuration (Raft §6)',
    file: 'contract/configuration.ts',
    find: 'return [configuration.incoming, configuration.outgoing];',
    replace: 'return [configuration.incoming];',
  },
  {
    name: 'the old voters alone decide in a joint configuration (Raft §6)',
    file: 'contract/configuration.ts',
    find: 'return [configuration.incoming, configuration.outgoing];',
    replace: 'return [configuration.outgoing];',
  },
  {
    name: 'a truncated configuration stays in force (R21)',
    file: 'state/log.ts',
    find: 'log.configurations.filter(({ index }) => index < from)',
    replace: 'log.configurations.filter(({ index }) => index <= from)',
  },
  {
    name: 'a joint configuration is left before it is committed (R22)',
    file: 'rules/membership.ts',
    find: '|| !isSettled(draft, draft.role, index)',
    replace: '|| !hasCommittedInTerm(draft.role, draft.commitIndex)',
  },
  {
    name: 'a change begins before an entry of the term is committed (R21)',
    file: 'rules/membership-refusal.ts',
    find: "if (!hasCommittedInTerm(leader, state.commitIndex)) return 'term-not-committed';",
    replace: '',
  },
  {
    name: 'a change begins while another is under way (R21)',
    file: 'rules/membership-refusal.ts',
    find: "if (isChanging(state, leader)) return 'membership-is-changing';",
    replace: '',
  },
  {
    name: 'a leader outside the configuration counts itself (R25)',
    file: 'state/leader-quorum.ts',
    find: 'const value = quorumValue(values);',
    replace: 'const value = quorumValue(places.includes(SELF) ? values : [...values, own]);',
  },
  {
    name: 'a leader outside the configuration stays (R25)',
    file: 'rules/membership.ts',
    find: 'return becomeFollower(draft, null);',
    replace: 'return;',
  },
  {
    name: 'a new voter need not have caught up (R23)',
    file: 'rules/membership-refusal.ts',
    find: 'match > 0 && lastIndex(state.log) - match',
    replace: 'lastIndex(state.log) - match',
  },
  {
    name: 'old voters that do not answer are counted on (R23)',
    file: 'rules/membership-refusal.ts',
    find: '[targets.voters, outgoing].every',
    replace: '[targets.voters].every',
  },
  {
    name: 'an id comes back (R25)',
    file: 'rules/membership-steps.ts',
    find: '[...current.removed, ...gone.map(({ id }) => id)]',
    replace: '[]',
  },
  {
    name: 'reads keep the echoes of the old voters (R16)',
    file: 'rules/membership.ts',
    find: 'leader.readRounds = [];',
    replace: 'leader.readRounds = before.readRounds;',
  },
  {
    name: 'a node falls silent before its removal is committed (R24)',
    file: 'rules/candidacy.ts',
    find: ' || (committed !== inForce && isVoter(committed, id))',
    replace: '',
  },
  {
    name: 'a removed node is not told (R26)',
    file: 'rules/receive.ts',
    find: ' || answerRemoved(draft, from, message)',
    replace: '',
  },
  {
    name: 'a removal that may be rolled back is told (R26)',
    file: 'rules/removal.ts',
    find: 'isRemoved(committedConfigurationOf(draft), from)',
    replace:
      'isRemoved(draft.log.configurations.at(-1)?.configuration ?? draft.log.base.configuration, from)',
  },
];
