/** Ways to break the hand-over of leadership, and pages of what is applied. Source: Diss. §3.10; rules R4, R12. */

import type { Mutant } from './mutant.ts';

export const TRANSFER_MUTANTS: readonly Mutant[] = [
  {
    name: 'proposals are taken during a transfer (§3.10)',
    package: 'raft-core',
    file: 'rules/proposal.ts',
    find: 'role.transfer !== null',
    replace: 'role.transfer !== null && draft.nowMs < 0',
    edgeCases: [35],
    level: 'cluster',
  },
  {
    name: 'a leader reads by its lease while it hands over (R20)',
    package: 'raft-core',
    file: 'rules/transfer.ts',
    find: '  leader.lease = null;\n',
    replace: '',
    edgeCases: [22],
    level: 'cluster',
  },
  {
    name: 'a transfer that is given up is not answered (§3.10)',
    package: 'raft-core',
    file: 'rules/transfer.ts',
    find: "if (ref !== null) refuse(draft, ref, 'transfer-failed');",
    replace: '',
    edgeCases: [35],
    level: 'cluster',
  },
  {
    name: 'a transfer is never given up (§3.10)',
    package: 'raft-core',
    file: 'rules/transfer.ts',
    find: 'draft.nowMs + draft.options.electionTimeoutMaxMs;',
    replace: 'draft.nowMs + 1e9;',
    edgeCases: [35],
    level: 'cluster',
  },
  {
    name: 'a transfer gets a second vote in one term (R11)',
    package: 'raft-core',
    file: 'rules/election.ts',
    find: '(draft.votedFor === null || draft.votedFor === from) &&',
    replace: '(request.isTransfer || draft.votedFor === null || draft.votedFor === from) &&',
    edgeCases: [35],
    level: 'cluster',
  },
  {
    name: 'a page to apply ends with the log, not with what is committed (R4)',
    package: 'raft-core',
    file: 'rules/apply.ts',
    find: 'return end < through ? end : through;',
    replace: 'return end;',
    edgeCases: [],
    level: 'cluster',
  },
];
