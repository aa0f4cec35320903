/** Ways to break what a follower answers, and what a leader makes of it and sends (R10). */

import type { Mutant } from './mutants.ts';

export const REPLICATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'a round waits for a follower’s disk (R10)',
    file: 'rules/persistence.ts',
    find: 'if (reply.round <= role.echoedRound && !role.isHeartbeatOwed) return;',
    replace: 'if (!role.isHeartbeatOwed) return;',
  },
  {
    name: 'a heartbeat’s answer waits for a follower’s disk (R10)',
    file: 'rules/persistence.ts',
    find: 'if (reply.round <= role.echoedRound && !role.isHeartbeatOwed) return;',
    replace: 'if (reply.round <= role.echoedRound) return;',
  },
  {
    name: 'replies merge where a match is lost (R10)',
    file: 'rules/owed-replies.ts',
    find: 'earlier.matched <= later.matched &&',
    replace: '',
  },
  {
    name: 'replies of different terms merge (R10)',
    file: 'rules/owed-replies.ts',
    find: 'earlier.term === later.term &&',
    replace: '',
  },
  {
    name: 'a refusal at or below match is believed (R10)',
    file: 'rules/replication.ts',
    find: 'if (prevIndex <= progress.matchIndex) return true;',
    replace: '',
  },
  {
    name: 'a refusal of an earlier probe is believed (R10)',
    file: 'rules/replication.ts',
    find: "progress.flow.kind !== 'replicating' && prevIndex !== progress.nextIndex - 1",
    replace: "progress.flow.kind === 'fetching' && prevIndex !== progress.nextIndex - 1",
  },
  {
    name: 'a disconnected peer keeps its window (R10)',
    file: 'rules/replication.ts',
    find: "one.id !== peer || one.flow.kind === 'fetching'",
    replace: "one.id !== peer || one.flow.kind !== 'probing'",
  },
  {
    name: 'match falls (R10)',
    file: 'state/progress.ts',
    find: 'if (matched < draft.matchIndex) return false;',
    replace: '',
  },
  {
    name: 'a probe’s batch is sent again with every heartbeat that is answered (R10)',
    file: 'state/progress.ts',
    find: 'sentThrough === null || sentThrough <= draft.matchIndex',
    replace: 'sentThrough === null || sentThrough >= 0',
  },
  {
    name: 'a probe’s batch that was lost is taken for matched (R10)',
    file: 'state/progress.ts',
    find: 'draft.nextIndex = logIndex(sentThrough + 1);',
    replace: 'draft.nextIndex = logIndex(sentThrough + 1);\n  draft.matchIndex = sentThrough;',
  },
  {
    name: 'a probe’s batch is under way outside the window (R10)',
    file: 'state/progress.ts',
    find: "draft.flow = { kind: 'replicating', inFlight: [sentThrough] };",
    replace: "draft.flow = { kind: 'replicating', inFlight: [] };",
  },
  {
    name: 'a probing peer gets more before it answers (R10)',
    file: 'rules/sending.ts',
    find: 'return flow.sentThrough === null;',
    replace: 'return true;',
  },
  {
    name: 'what left the tail is read while the window is open (R10)',
    file: 'rules/sending.ts',
    find: 'return nextIndex >= log.tail.firstIndex || flow.inFlight.length === 0;',
    replace: 'return true;',
  },
  {
    name: 'a heartbeat is left out where entries go (R10)',
    file: 'rules/sending.ts',
    find: 'const isBeatAhead = isHeartbeatDue &&',
    replace: 'const isBeatAhead = isHeartbeatDue && !isReady &&',
  },
  {
    name: 'a heartbeat asks only about what is matched (R10)',
    file: 'rules/sending.ts',
    find: 'const prevIndex = previous(progress.nextIndex);',
    replace: 'const prevIndex = entries.length === 0 ? progress.matchIndex : previous(progress.nextIndex);',
  },
  {
    name: 'an empty peer is never streamed to (R10)',
    file: 'rules/replication.ts',
    find: 'if (matched >= progress.nextIndex - 1)',
    replace: 'if (matched >= progress.nextIndex - 1 && matched > 0)',
  },
];
