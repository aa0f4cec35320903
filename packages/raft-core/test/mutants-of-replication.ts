/** Ways to break what a follower answers, what a leader makes of it and sends (R10), and what memory keeps for it. */

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
    name: 'a round of an earlier term is echoed in this one (R10)',
    file: 'rules/persistence.ts',
    find: 'role.leader !== to || reply.term !== currentTerm',
    replace: 'role.leader !== to',
  },
  {
    name: 'a refusal’s hint keeps a probe where it is (R10)',
    file: 'rules/replication.ts',
    find: 'agreed < refusal.prevIndex ? agreed : previous(refusal.prevIndex)',
    replace: 'agreed',
  },
  {
    name: 'a moved commit index goes to peers that are probed (R10)',
    file: 'rules/sending.ts',
    find: "progress.flow.kind === 'replicating' &&\n    progress.sentCommit",
    replace: 'progress.sentCommit',
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
  {
    name: 'memory lets nothing go (the tail)',
    file: 'rules/apply.ts',
    find: 'if (from > tail.firstIndex) draft.log',
    replace: 'if (from < tail.firstIndex) draft.log',
  },
  {
    name: 'what is applied may take any bytes (the tail)',
    file: 'rules/apply.ts',
    find: 'bytesFrom(from) > tailBytesMax)',
    replace: 'bytesFrom(from) > tailBytesMax * 1e9)',
  },
  {
    name: 'what peers lack may take any bytes (the tail)',
    file: 'rules/apply.ts',
    find: 'bytesFrom(from) > peerTailBytesMax)',
    replace: 'bytesFrom(from) > peerTailBytesMax * 1e9)',
  },
  {
    name: 'a silent peer holds the log in memory (the tail)',
    file: 'rules/apply.ts',
    find: 'nowMs - lastReplyMs < options.electionTimeoutMinMs ?',
    replace: 'nowMs - lastReplyMs < options.electionTimeoutMinMs * 1e9 ?',
  },
  {
    name: 'a peer that catches up holds nothing in memory (the tail)',
    file: 'rules/apply.ts',
    find: 'nowMs - lastReplyMs < options.electionTimeoutMinMs ?',
    replace: 'nowMs - lastReplyMs < -options.electionTimeoutMinMs ?',
  },
  {
    name: 'what is not applied leaves memory (the tail)',
    file: 'rules/apply.ts',
    find: 'const here = next(draft.appliedIndex);',
    replace: 'const here = next(last);',
  },
  {
    name: 'what a streaming peer lacks leaves memory (the tail)',
    file: 'rules/apply.ts',
    find: 'Math.min(here, firstNeededByPeers(draft))',
    replace: 'Math.max(here, Math.min(here, firstNeededByPeers(draft)))',
  },
  {
    name: 'the window forgets what left memory (the tail)',
    file: 'rules/sending.ts',
    find: 'bytes > inFlightBytesMax || progress.matchIndex < tail.firstIndex - 1',
    replace: 'bytes > inFlightBytesMax',
  },
];
