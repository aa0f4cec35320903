/** Ways to break changes of membership. Source: Raft §6; Diss. §4; rules R21 to R26. */

import type { Mutant } from './mutant.ts';

export const MEMBERSHIP_MUTANTS: readonly Mutant[] = [
  {
    name: 'the new voters alone decide in a joint configuration (§6)',
    package: 'raft-core',
    file: 'contract/configuration.ts',
    find: 'return [configuration.incoming, configuration.outgoing];',
    replace: 'return [configuration.incoming];',
    edgeCases: [25],
    level: 'cluster',
  },
  {
    name: 'the old voters alone decide in a joint configuration (§6)',
    package: 'raft-core',
    file: 'contract/configuration.ts',
    find: 'return [configuration.incoming, configuration.outgoing];',
    replace: 'return [configuration.outgoing];',
    edgeCases: [25],
    level: 'cluster',
  },
  {
    name: 'a change begins before an entry of the term is committed (R21)',
    package: 'raft-core',
    file: 'rules/membership-refusal.ts',
    find: "if (!hasCommittedInTerm(leader, state.commitIndex)) return 'term-not-committed';",
    replace: '',
    edgeCases: [24],
    level: 'cluster',
  },
  {
    name: 'a change begins while another is under way (R21)',
    package: 'raft-core',
    file: 'rules/membership-refusal.ts',
    find: "if (isChanging(state, leader)) return 'membership-is-changing';",
    replace: '',
    edgeCases: [24],
    level: 'cluster',
  },
  {
    name: 'a change is answered before the joint configuration is left (R22)',
    package: 'raft-core',
    file: 'rules/membership.ts',
    find: "  if (configuration.kind === 'joint') {\n    appendConfiguration(draft, draft.role, left(configuration));\n    return;\n  }\n",
    replace:
      "  if (configuration.kind === 'joint') {\n    const { changeRef: ref } = draft.role;\n    if (ref !== null) oweResult(draft, ref, { outcome: 'committed', term: draft.currentTerm, index });\n    appendConfiguration(draft, draft.role, left(configuration)).changeRef = null;\n    return;\n  }\n",
    edgeCases: [25],
    level: 'stack',
  },
  {
    name: 'a removed node is not told (R26)',
    package: 'raft-core',
    file: 'rules/receive.ts',
    find: ' || answerRemoved(draft, from, message)',
    replace: '',
    edgeCases: [6],
    level: 'stack',
  },
];
