/**
 * Every name in both registries is asserted: each case here drives the module that asserts it into a state that must
 * not be, by inputs, or by handing one of its functions a state broken on purpose.
 */

import { describe, expect, it } from 'vitest';
import {
  CLUSTER_INVARIANTS,
  INVARIANTS,
  InvariantViolation,
  emptyRecord,
  flush,
  logIndex,
  nodeId,
  recover,
  ref,
  term,
  writeNumber,
} from '../src/index.ts';
import type { DurableRecord, InvariantName } from '../src/index.ts';
import { round } from '../src/basics/brands.ts';
import { baseAt, onCompacted } from '../src/rules/compaction.ts';
import { onSnapshotReceived } from '../src/rules/install-snapshot.ts';
import { onPromise } from '../src/rules/lease.ts';
import { raiseCommit } from '../src/rules/commit.ts';
import { countOwnVote, grantVote } from '../src/rules/election.ts';
import { handToApply } from '../src/rules/apply.ts';
import { truncateLog } from '../src/rules/append-entries.ts';
import { appendOwn } from '../src/rules/leadership.ts';
import { adoptTerm } from '../src/rules/office.ts';
import { afterWrite, onPersisted } from '../src/rules/persistence.ts';
import { appendConfiguration } from '../src/rules/membership.ts';
import { tellTarget } from '../src/rules/transfer.ts';
import { addRound } from '../src/rules/read-index.ts';
import { handOut } from '../src/state/disk.ts';
import { appendToLog, compactLog, emptyLog, forgetBefore } from '../src/state/log.ts';
import { copyState } from '../src/state/node-state.ts';
import { copyProgress, probeFrom } from '../src/state/progress.ts';
import { copyLeader } from '../src/state/role.ts';
import { CHECKED_ELSEWHERE, CLUSTER_CASES } from './support/broken-clusters.ts';
import { appendReply, configuration, entries, preVoteReply, termRanges } from './support/messages.ts';
import { TestNode, record } from './support/test-node.ts';

/** Starts on a record that is whole but for `part`. */
function recoverFrom(part: Partial<DurableRecord>): void {
  recover(new TestNode().state.options, { ...record({ log: '1@1 2@1' }), ...part }, 0);
}

/** A leader of term 1 to which `b` replicates, and its state to break. */
function leading() {
  const node = new TestNode().elect();
  node.matched('b', 1);
  const draft = copyState(node.state);
  const leader = copyLeader(node.leader());
  draft.role = leader;
  return { node, draft, leader, progress: copyProgress(node.progress('b')) };
}

const CASES: Readonly<Record<InvariantName, () => void>> = {
  'time-is-finite': () => new TestNode({ nowMs: Number.NaN }),
  'write-order': () => new TestNode().persisted(1),
  'writes-ascend': () => {
    const { disk } = new TestNode().state;
    handOut(disk, writeNumber(2), disk.handedState, logIndex(0), 0);
  },
  'durable-within-log': () => {
    const draft = copyState(new TestNode().state);
    const { disk } = draft;
    draft.disk = handOut(disk, writeNumber(1), disk.handedState, logIndex(9), 0);
    onPersisted(draft, writeNumber(1));
  },
  'reply-has-a-write': () => afterWrite(new TestNode().state, appendReply(1, 1)),
  'own-vote-durable': () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(1, true));
    const draft = copyState(node.state);
    draft.disk = { ...draft.disk, durableTerm: term(1), durableVote: nodeId('b') };
    countOwnVote(draft);
  },
  'one-vote-per-term': () => grantVote(copyState(new TestNode({ term: 1, vote: 'b' }).state), nodeId('c')),
  'term-monotonic': () => adoptTerm(copyState(new TestNode({ term: 3 }).state), term(3), null),
  'commit-within-log': () => raiseCommit(copyState(new TestNode({ log: '1@1' }).state), logIndex(2)),
  'commit-monotonic': () =>
    raiseCommit(copyState(new TestNode({ log: '1@1 2@1', commit: 2 }).state), logIndex(1)),
  'truncate-above-commit': () =>
    truncateLog(copyState(new TestNode({ log: '1@1 2@1', commit: 2 }).state), logIndex(2)),
  'leader-append-only': () => truncateLog(copyState(new TestNode().elect().state), logIndex(1)),
  'complete-target': () => {
    const { draft, leader } = leading();
    leader.transfer = { ref: null, target: nodeId('b'), giveUpAtMs: 1000, isTold: true };
    appendOwn(draft, 'command', new Uint8Array(1));
  },
  'append-contiguous': () => appendToLog(new TestNode({ log: '1@1' }).state.log, entries('3@1')),
  'match-below-next': () => probeFrom(leading().progress, logIndex(1)),
  'next-within-log': () => {
    const { draft, leader, progress } = leading();
    progress.nextIndex = logIndex(9);
    leader.progress = [progress];
    leader.heartbeatDueMs = 0;
    flush(draft);
  },
  'window-within-limits': () => {
    const { draft, leader, progress } = leading();
    progress.nextIndex = logIndex(1);
    progress.flow = { kind: 'replicating', inFlight: Array.from({ length: 65 }, () => logIndex(1)) };
    leader.progress = [progress];
    flush(draft);
  },
  'apply-durable': () => handToApply(copyState(new TestNode({ log: '1@1' }).state), entries('1@1')),
  'applied-within-handed': () => new TestNode({ log: '1@1' }).applied(1),
  'unwritten-in-tail': () => {
    const draft = copyState(new TestNode({ log: '1@1 2@1' }).state);
    draft.log = forgetBefore(draft.log, logIndex(2));
    draft.disk = { ...draft.disk, dirtyFrom: logIndex(1) };
    flush(draft);
  },
  'apply-behind-base': () => {
    const draft = copyState(new TestNode({ log: '1@1 2@1', commit: 2 }).state);
    draft.log = compactLog(draft.log, baseAt(draft, logIndex(1)));
    draft.handedApply = logIndex(1);
    handToApply(draft, entries('2@1'));
  },
  'compacted-was-applied': () => onCompacted(copyState(new TestNode({ log: '1@1' }).state), logIndex(1)),
  'base-within-log': () => baseAt(new TestNode({ log: '1@1' }).state, logIndex(2)),
  'base-ascends': () => {
    const draft = copyState(new TestNode().state);
    draft.log = emptyLog({ ...draft.log.base, index: logIndex(5), term: term(1) });
    draft.commitIndex = logIndex(0);
    onSnapshotReceived(draft, nodeId('b'), { ...draft.log.base, index: logIndex(4) });
  },
  'rounds-ascend': () => {
    const { draft, leader } = leading();
    leader.readRounds = [{ round: round(5), index: logIndex(1), refs: [ref(1)] }];
    addRound(draft, leader, logIndex(1));
  },
  'no-lease-in-transfer': () => {
    const { draft, leader } = leading();
    leader.transfer = { ref: null, target: nodeId('b'), giveUpAtMs: 1000, isTold: false };
    leader.progress = leader.progress.map((one) => ({ ...one, matchIndex: logIndex(9) }));
    leader.lease = { asked: [], untilMs: 1000 };
    tellTarget(draft, []);
  },
  'no-vote-within-promise': () => {
    const draft = copyState(new TestNode({ term: 1 }).state);
    draft.promise = { to: nodeId('b'), term: term(1), untilMs: 100 };
    grantVote(draft, nodeId('c'));
  },
  'lease-from-sending': () => {
    const { draft, leader, progress } = leading();
    draft.options = { ...draft.options, leasePromiseMs: 400 };
    leader.lease = { asked: [{ round: round(0), sinceMs: 0 }], untilMs: 1000 };
    onPromise(draft, leader, progress, { round: round(0), promiseMs: 400 });
  },
  'one-change-at-a-time': () => {
    const { draft, leader } = leading();
    draft.commitIndex = logIndex(0);
    appendConfiguration(draft, leader, configuration('a b c'));
  },
  'majorities-overlap': () => {
    const { draft, leader } = leading();
    draft.commitIndex = logIndex(1);
    appendConfiguration(draft, leader, configuration('a d e'));
  },
  'recovered-base': () => {
    const { base } = emptyRecord(configuration('a b c'));
    recoverFrom({ base: { ...base, index: logIndex(1) } });
  },
  'recovered-log-contiguous': () => recoverFrom({ tail: entries('1@1 3@1') }),
  'recovered-configurations': () =>
    recoverFrom({ configurations: [{ index: logIndex(3), configuration: configuration('a b') }] }),
  'recovered-commit-within-log': () => new TestNode({ log: '1@1', commit: 2 }),
  'recovered-term-covers-log': () => new TestNode({ log: '1@2', term: 1 }),
};

/** The name of the invariant that `run` finds broken; `null` where it finds none. */
function broken(run: () => void): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof InvariantViolation) return error.invariant;
    throw error;
  }
}

describe('the invariants of a node', () => {
  for (const [name, run] of Object.entries(CASES)) {
    it(`include ${name}, which is asserted`, () => {
      expect(broken(run)).toBe(name);
    });
  }

  it('have a case each', () => {
    expect(Object.keys(CASES).toSorted()).toEqual(Object.keys(INVARIANTS).toSorted());
  });

  it('hold for time at every step', () => {
    expect(broken(() => new TestNode().elapse(Infinity))).toBe('time-is-finite');
  });

  it('hold for the terms of appended entries too', () => {
    const { log } = new TestNode({ log: '1@3' }).state;
    expect(broken(() => appendToLog(log, entries('2@2')))).toBe('append-contiguous');
  });
});

describe('a record that contradicts itself', () => {
  const RECORDS: Readonly<Record<string, Partial<DurableRecord>>> = {
    'a tail of other terms than its table': {
      termRanges: termRanges(entries('1@1 2@2')),
      tail: entries('1@1 2@1'),
    },
    'a tail that begins at the base': { tail: entries('0@0 1@1') },
    'a table without a tail': { tail: [] },
    'a tail without a table': { termRanges: [] },
    'a table that does not begin above the base': { termRanges: termRanges(entries('2@1')) },
    'a table whose terms do not rise': { termRanges: termRanges(entries('1@2 2@1')), tail: entries('2@1') },
    'a table that reaches above the log': { termRanges: termRanges(entries('1@1 9@2')) },
    'a table with a term of 0': { termRanges: termRanges(entries('1@0')), tail: entries('1@0 2@0') },
  };

  for (const [what, part] of Object.entries(RECORDS)) {
    it(`is refused: ${what}`, () => {
      expect(broken(() => recoverFrom(part))).toBe('recovered-log-contiguous');
    });
  }
});

describe('the invariants of a cluster', () => {
  for (const [name, cases] of Object.entries(CLUSTER_CASES)) {
    for (const [what, run] of Object.entries(cases)) {
      it(`include ${name}, broken by ${what}`, () => {
        expect(broken(run)).toBe(name);
      });
    }
  }

  it('have a case each', () => {
    const named = [...Object.keys(CLUSTER_CASES), ...CHECKED_ELSEWHERE];
    expect(named.toSorted()).toEqual(Object.keys(CLUSTER_INVARIANTS).toSorted());
    expect(Object.values(CLUSTER_CASES).every((cases) => Object.keys(cases).length > 0)).toBe(true);
  });
});
