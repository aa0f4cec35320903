/** Ways to break the core on purpose. Each must be noticed, by random clusters or by the tests. */

export interface Mutant {
  readonly name: string;
  /** Below `src`. */
  readonly file: string;
  /** Stands in `file` exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a vote leaves before it is on disk (R2)',
    file: 'rules/persistence.ts',
    find: 'return message.isGranted;',
    replace: 'return false;',
  },
  {
    name: 'a candidate asks, and counts itself, before its vote is on disk (R3)',
    file: 'rules/persistence.ts',
    find: "case 'voteRequest':\n      return true;",
    replace: "case 'voteRequest':\n      return false;",
  },
  {
    name: 'a message waits for a write too early (R2)',
    file: 'rules/persistence.ts',
    find: 'return lastWrite > persistedWrite ? lastWrite : AT_ONCE;',
    replace: 'return lastWrite > persistedWrite ? writeNumber(lastWrite - 1) : AT_ONCE;',
  },
  {
    name: 'an answer outruns its term (R2)',
    file: 'rules/persistence.ts',
    find: 'message.matched > durableIndex || message.term > durableTerm',
    replace: 'message.matched > durableIndex',
  },
  {
    name: 'an answer outruns its entries (R2)',
    file: 'rules/persistence.ts',
    find: 'message.matched > durableIndex || message.term > durableTerm',
    replace: 'message.term > durableTerm',
  },
  {
    name: 'hard state names a commit index that a torn batch does not cover (R8)',
    file: 'rules/persistence.ts',
    find: 'commitIndex < disk.durableIndex ? commitIndex : disk.durableIndex',
    replace: 'commitIndex',
  },
  {
    name: 'a vote for a log that lacks entries (§5.4.1)',
    file: 'rules/election.ts',
    find: 'isUpToDate(draft.log, request.lastIndex, request.lastTerm);',
    replace: 'isUpToDate(draft.log, request.lastIndex, draft.currentTerm);',
  },
  {
    name: 'a second vote in one term (§5.2)',
    file: 'rules/election.ts',
    find: '(draft.votedFor === null || draft.votedFor === from) &&',
    replace: "draft.votedFor !== '' &&",
  },
  {
    name: 'a follower takes over a commit index that the message does not vouch for (R7)',
    file: 'rules/append-entries.ts',
    find: 'message.commitIndex < matched ? message.commitIndex : matched',
    replace: 'message.commitIndex < lastIndex(draft.log) ? message.commitIndex : lastIndex(draft.log)',
  },
  {
    name: 'a follower cuts what is not in conflict (§5.3)',
    file: 'rules/append-entries.ts',
    find: 'newFrom: logIndex(prevIndex + overlap + 1)',
    replace: 'newFrom: logIndex(prevIndex + 1)',
  },
  {
    name: 'replies merge where a round is lost (R10)',
    file: 'rules/owed-replies.ts',
    find: 'earlier.round <= later.round',
    replace: 'earlier.round >= 0',
  },
  {
    name: 'truncation leaves the durable index (R4)',
    file: 'state/disk.ts',
    find: 'durableIndex: lower(disk.durableIndex, end),',
    replace: 'durableIndex: disk.durableIndex,',
  },
  {
    name: 'truncation leaves what writes under way will say (R4)',
    file: 'state/disk.ts',
    find: 'write.lastIndex > end ? { ...write, lastIndex: end } : write',
    replace: 'write',
  },
  {
    name: 'counting replicas of an earlier term (§5.4.2, Figure 8)',
    file: 'rules/commit.ts',
    find: 'termAt(view.log, candidate) === view.currentTerm ? candidate : view.commitIndex',
    replace: 'termAt(view.log, candidate) !== null ? candidate : view.commitIndex',
  },
  {
    name: 'a leader counts itself before its disk does (R4)',
    file: 'rules/commit.ts',
    find: 'matches.push(disk.durableIndex);',
    replace: 'matches.push(disk.dirtyFrom > lastIndex(log) ? lastIndex(log) : disk.durableIndex);',
  },
  {
    name: 'a round is used twice (R16)',
    file: 'rules/read-index.ts',
    find: 'round(leader.round + 1)',
    replace: 'leader.readRounds.length > 0 ? round(leader.round + 1) : round(Math.max(leader.round, 1))',
  },
  {
    name: 'a stale leader hears its round echoed in another term (R16)',
    file: 'rules/append-entries.ts',
    find: 'if (message.term < draft.currentTerm) return tellTerm(draft, from);',
    replace: 'if (message.term < draft.currentTerm) return refuse(draft, from, message);',
  },
  {
    name: 'a probing peer is sent the whole log again when its connection is lost (R10)',
    file: 'state/progress.ts',
    find: "draft.flow.kind === 'replicating' ? logIndex(draft.matchIndex + 1) : draft.nextIndex",
    replace: 'logIndex(draft.matchIndex + 1)',
  },
  {
    name: 'reads before an entry of the own term is committed (§8)',
    file: 'rules/read-index.ts',
    find: '!hasCommittedInTerm(draft.role, draft.commitIndex)',
    replace: 'draft.commitIndex < 0',
  },
  {
    name: 'reads of a leader that asks nobody (§8)',
    file: 'rules/read-index.ts',
    find: 'const confirmed = quorumValue(echoed);',
    replace: 'const confirmed = Math.max(quorumValue(echoed), leader.round);',
  },
  {
    name: 'a hint moves match (R10)',
    file: 'rules/replication.ts',
    find: 'const agreed = lastAtOrBelow(draft.log, refusal.hintIndex, refusal.hintTerm);',
    replace:
      'const agreed = lastAtOrBelow(draft.log, refusal.hintIndex, refusal.hintTerm);\n  if (agreed > progress.matchIndex) progress.matchIndex = agreed;',
  },
  {
    name: 'an answer of another term counts (§5.1)',
    file: 'rules/replication.ts',
    find: "draft.role.kind !== 'leader' || reply.term !== draft.currentTerm",
    replace: "draft.role.kind !== 'leader'",
  },
  {
    name: 'fetched entries are believed (R5)',
    file: 'state/log.ts',
    find: 'entry.index !== from + at || termAt(log, entry.index) !== entry.term',
    replace: 'entry.index !== from + at',
  },
  {
    name: 'committed entries are applied before they are on this disk (R4)',
    file: 'rules/apply.ts',
    find: 'return commitIndex < disk.durableIndex ? commitIndex : disk.durableIndex;',
    replace: 'return disk.durableIndex < 0 ? disk.durableIndex : commitIndex;',
  },
  {
    name: 'a shared list grows in place behind another (R9)',
    file: 'basics/shared-list.ts',
    find: 'this.end === this.array.length ? this.array : this.array.slice(this.start, this.end)',
    replace: 'this.end >= 0 ? this.array : this.array.slice(this.start, this.end)',
  },
  {
    name: 'proposals of a lost office are refused (R1, one outcome)',
    file: 'rules/office.ts',
    find: "{ outcome: 'unknown', leader }",
    replace: "{ outcome: 'refused', reason, leader }",
  },
  {
    name: 'a probing peer is never asked again (R10)',
    file: 'rules/timers.ts',
    find: "return flow.kind === 'replicating' && state.nowMs",
    replace: "return flow.kind === 'fetching' && state.nowMs",
  },
  {
    name: 'a leader without a quorum stays (R12)',
    file: 'rules/timers.ts',
    find: 'draft.nowMs >= quorumLostAtMs(draft, leader) || isDiskStalled(draft)',
    replace: 'isDiskStalled(draft)',
  },
];
