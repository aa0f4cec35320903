/** Ways to break snapshots and what they take the place of (R33). */

import type { Mutant } from './mutants.ts';

export const SNAPSHOT_MUTANTS: readonly Mutant[] = [
  {
    name: 'the answer to a snapshot does not wait for its write (R2)',
    file: 'rules/persistence.ts',
    find: 'return isAhead;',
    replace: 'return isAhead && message.round > 0;',
  },
  {
    name: 'a snapshot at or below the commit index is taken (R33)',
    file: 'rules/install-snapshot.ts',
    find: 'if (base.index > draft.commitIndex)',
    replace: 'if (base.index > draft.log.base.index)',
  },
  {
    name: 'a leader takes a snapshot (R33)',
    file: 'rules/install-snapshot.ts',
    find: "if (draft.role.kind === 'leader') return;",
    replace: '',
  },
  {
    name: 'a log is kept whose entry at the base is of another term (R33)',
    file: 'rules/install-snapshot.ts',
    find: 'termAt(log, base.index) === base.term',
    replace: 'termAt(log, base.index) !== null',
  },
  {
    name: 'a log is kept on disk that holds something older at the base (R33)',
    file: 'rules/install-snapshot.ts',
    find: 'isHeld && isHanded ?',
    replace: 'isHeld && isHanded !== null ?',
  },
  {
    name: 'entries that are acknowledged with this write are not in it (R2)',
    file: 'rules/install-snapshot.ts',
    find: 'draft.log = isHeld ?',
    replace: 'draft.log = isHeld && isHanded ?',
  },
  {
    name: 'what was durable stays so where the log is emptied (R4)',
    file: 'state/disk.ts',
    find: 'durableIndex: nothing,',
    replace: 'durableIndex: disk.durableIndex,',
  },
  {
    name: 'an older write makes durable what an emptied log holds again (R4, A-B-A)',
    file: 'state/disk.ts',
    find: 'disk.pending.map((write) => ({ ...write, lastIndex: nothing }))',
    replace: 'disk.pending',
  },
  {
    name: 'a torn write tells of a commit that the log before does not hold (R8)',
    file: 'rules/persistence.ts',
    find: 'commitIndex: durable > handed ? durable : handed }',
    replace:
      'commitIndex: disk.owedBase !== null ? state.commitIndex : durable > handed ? durable : handed }',
  },
  {
    name: 'entries are applied before the snapshot is installed (R33)',
    file: 'rules/apply.ts',
    find: 'if (draft.appliedIndex < draft.log.base.index) return;',
    replace: '',
  },
  {
    name: 'a snapshot is installed before it is on disk (R33)',
    file: 'rules/install-snapshot.ts',
    find: 'disk.durableIndex < log.base.index || appliedIndex < handedApply',
    replace: 'disk.durableIndex < 0 || appliedIndex < handedApply',
  },
  {
    name: 'a snapshot is installed while the machine is at work (R33)',
    file: 'rules/install-snapshot.ts',
    find: ' || appliedIndex < handedApply',
    replace: ' || appliedIndex < 0',
  },
  {
    name: 'refusals are believed while a snapshot is under way (R33)',
    file: 'rules/replication.ts',
    find: " || progress.flow.kind === 'snapshot') return true;",
    replace: ') return true;',
  },
  {
    name: 'a snapshot under way is never given up (R33)',
    file: 'rules/snapshot-sending.ts',
    find: 'draft.nowMs >= flow.giveUpAtMs',
    replace: 'draft.nowMs < 0',
  },
  {
    name: 'a peer that was told of its snapshot is given no time to answer (R33)',
    file: 'rules/snapshot-sending.ts',
    find: 'isDelivered ? draft.nowMs + draft.options.electionTimeoutMaxMs : draft.nowMs',
    replace: 'isDelivered ? draft.nowMs : draft.nowMs',
  },
  {
    name: 'compaction waits for no peer (R33)',
    file: 'rules/compaction.ts',
    find: ' || waitUntilMs(draft) !== null',
    replace: '',
  },
  {
    name: 'compaction overtakes a snapshot under way (R33)',
    file: 'rules/compaction.ts',
    find: 'isReceiving ? options.snapshotTimeoutMs : options.compactionWaitMaxMs',
    replace: 'isReceiving ? options.compactionWaitMaxMs : options.compactionWaitMaxMs',
  },
  {
    name: 'compaction waits for a peer that does not answer (R33)',
    file: 'rules/compaction.ts',
    find: ' && nowMs - lastReplyMs < options.electionTimeoutMaxMs',
    replace: ' && lastReplyMs <= nowMs',
  },
  {
    name: 'a node that joins begins its log behind nobody (R21)',
    file: 'rules/compaction.ts',
    find: 'if (membersOf(configurationAt(log, index)).length === 0) return;',
    replace: '',
  },
  {
    name: 'a snapshot is of an older configuration (R21)',
    file: 'state/log.ts',
    find: 'if (last === undefined) return { ...log.base, index, term };',
    replace: 'if (last === undefined || last.index > 0) return { ...log.base, index, term };',
  },
  {
    name: 'the configuration of a snapshot takes its index (R21)',
    file: 'state/log.ts',
    find: 'configurationIndex: last.index };',
    replace: 'configurationIndex: index };',
  },
  {
    name: 'an append from before the base is answered with too high a match (R7)',
    file: 'rules/append-entries.ts',
    find: 'logIndex(message.prevIndex + message.entries.length)',
    replace: 'logIndex(message.prevIndex + sent.entries.length)',
  },
  {
    name: 'a node that starts does not know that its snapshot is committed (R8)',
    file: 'recover.ts',
    find: 'record.hardState.commitIndex > baseIndex ?',
    replace: 'record.hardState.commitIndex >= 0 || baseIndex < 0 ?',
  },
];
