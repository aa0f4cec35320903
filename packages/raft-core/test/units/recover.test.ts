/** What a node that starts makes of its disk. Source: Raft Figure 2 (persistent state); rule R31. */

import { describe, expect, it } from 'vitest';
import {
  InvariantViolation,
  logIndex,
  nodeId,
  noConfiguration,
  OptionsError,
  recover,
  term,
} from '../../src/index.ts';
import type { Configuration, DurableRecord, InvariantName } from '../../src/index.ts';
import { emptyRecord } from '../../src/contract/record.ts';
import { termAt } from '../../src/state/log.ts';
import { configurationEntry, inForce } from '../support/membership.ts';
import { configuration, entries, only, termRanges, voteRequest } from '../support/messages.ts';
import { record, TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

const OPTIONS = { id: nodeId('a'), seed: 1, clusterIdProposal: new Uint8Array(16) };
const SOUND = record({ log: '1@1 2@1 3@3', term: 4, vote: 'b', commit: 2 });

/** The invariant that a record breaks; `null` where a node starts on it. */
function broken(changes: Partial<DurableRecord>, nowMs = 0): string | null {
  try {
    recover(OPTIONS, { ...SOUND, ...changes }, nowMs);
    return null;
  } catch (error) {
    if (error instanceof InvariantViolation) return error.invariant;
    throw error;
  }
}

describe('a record that begins behind a snapshot', () => {
  it('gives the snapshot first, whatever the hard state tells of', () => {
    const node = new TestNode({ base: '5@2', commit: 0 });
    expect(node.state).toMatchObject({ commitIndex: 5, appliedIndex: 0, handedApply: 0, currentTerm: 2 });
    expect(node.flush()).toMatchObject([{ kind: 'installSnapshot', base: { index: 5, term: 2 } }]);
    expect(node.flush()).toEqual([]);
  });

  it('is sound where the log is empty behind it, and where its term goes on', () => {
    expect(new TestNode({ base: '5@2' }).state.log.tail.firstIndex).toBe(6);
    const { log } = new TestNode({ base: '5@2', log: '6@2 7@2 8@4', commit: 7 }).state;
    expect([4, 5, 6, 7, 8, 9].map((index) => termAt(log, logIndex(index)))).toEqual([null, 2, 2, 2, 4, null]);
  });

  it('keeps the commit index of the hard state where that is above it', () => {
    expect(new TestNode({ base: '5@2', log: '6@2 7@2', commit: 6 }).state.commitIndex).toBe(6);
  });

  it('votes by the base where the log is empty behind it', () => {
    const node = new TestNode({ base: '5@2' });
    node.flush();
    expect(told(node.receive('b', voteRequest(3, '5@1')))).toEqual(['b voteReply t3 refused, at once']);
    expect(told(node.receive('b', voteRequest(4, '5@2')))).toEqual(['b voteReply t4 granted, after 2']);
  });

  for (const [name, invariantName, setup] of [
    ['whose log begins below it', 'recovered-log-contiguous', { base: '5@2', log: '5@2 6@2' }],
    ['with a gap behind it', 'recovered-log-contiguous', { base: '5@2', log: '7@2' }],
    ['whose log is of an earlier term', 'recovered-log-contiguous', { base: '5@2', log: '6@1', term: 2 }],
    ['whose term is above the hard state’s', 'recovered-term-covers-log', { base: '5@2', term: 1 }],
    ['whose log ends before the commit index', 'recovered-commit-within-log', { base: '5@2', commit: 6 }],
  ] as const) {
    it(`is refused: one ${name}`, () => {
      expect(() => new TestNode(setup)).toThrow(invariantName);
    });
  }

  it('is refused: one with the configuration of a later entry, or of nobody', () => {
    const { base, hardState, ...rest } = record({ base: '5@2' });
    const late = { ...base, configurationIndex: logIndex(6) };
    expect(() => recover(OPTIONS, { ...rest, hardState, base: late }, 0)).toThrow('recovered-configurations');
    const nobody = { ...base, configuration: noConfiguration() };
    expect(() => recover(OPTIONS, { ...rest, hardState, base: nobody }, 0)).toThrow(OptionsError);
  });
});

describe('a sound record', () => {
  it('gives a follower of nobody with the term, vote, log and commit index of the disk', () => {
    const state = recover(OPTIONS, SOUND, 5);
    expect(state).toMatchObject({ currentTerm: 4, votedFor: 'b', commitIndex: 2, nowMs: 5 });
    expect(state.role).toEqual({ kind: 'follower', leader: null, echoedRound: 0, isHeartbeatOwed: false });
    expect(state.log.tail.entries.slice()).toEqual(SOUND.tail);
    expect(broken({})).toBeNull();
  });

  it('is all on disk: nothing is written again, and no message waits', () => {
    const node = new TestNode({ log: '1@1 2@1', term: 3, vote: 'b' });
    expect(only(node.flush(), 'persist')).toEqual([]);
    expect(node.state.disk).toMatchObject({
      durableIndex: 2,
      durableTerm: 3,
      durableVote: 'b',
      lastWrite: 0,
    });
  });

  it('is applied from the beginning: the state machine begins empty', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 2 });
    expect(only(node.flush(), 'apply')).toEqual([{ kind: 'apply', entries: entries('1@1 2@1') }]);
  });

  it('may hold no more than the last entry: the terms of all others are in its table', () => {
    const state = recover(OPTIONS, record({ log: '1@1 2@1 3@3', tailLength: 1 }), 0);
    expect([0, 1, 2, 3].map((index) => termAt(state.log, logIndex(index)))).toEqual([0, 1, 1, 3]);
    expect(state.log.tail.entries.length).toBe(1);
  });

  it('may be that of a new member: empty, in term 0', () => {
    const state = recover(OPTIONS, emptyRecord(configuration('a b c')), 0);
    expect(state).toMatchObject({ currentTerm: 0, votedFor: null, commitIndex: 0 });
    expect(new TestNode().flush()).toEqual([]);
  });

  it('waits an election timeout from when it starts, another for another seed', () => {
    const waits = [1, 2, 3].map((seed) => {
      const { electionFromMs, electionTimeoutMs } = recover({ ...OPTIONS, seed }, SOUND, 7000);
      expect(electionFromMs).toBe(7000);
      expect(electionTimeoutMs >= 500 && electionTimeoutMs < 1000).toBe(true);
      return electionTimeoutMs;
    });
    expect(new Set(waits).size).toBe(3);
  });

  it('gives equal states for equal arguments', () => {
    expect(recover(OPTIONS, SOUND, 5)).toEqual(recover(OPTIONS, SOUND, 5));
  });
});

function ranges(text: string): DurableRecord['termRanges'] {
  return termRanges(entries(text));
}

describe('a record that contradicts itself', () => {
  const hard = SOUND.hardState;
  const cases: readonly [string, InvariantName, Partial<DurableRecord>][] = [
    [
      'commits above its log',
      'recovered-commit-within-log',
      { hardState: { ...hard, commitIndex: logIndex(4) } },
    ],
    [
      'has a term below its last entry’s',
      'recovered-term-covers-log',
      { hardState: { ...hard, currentTerm: term(2) } },
    ],
    ['begins above index 0', 'recovered-base', { base: { ...SOUND.base, index: logIndex(1) } }],
    ['begins above term 0', 'recovered-base', { base: { ...SOUND.base, term: term(1) } }],
    ['has a gap in its tail', 'recovered-log-contiguous', { tail: entries('1@1 3@3') }],
    ['repeats an entry', 'recovered-log-contiguous', { tail: entries('1@1 2@1 2@1') }],
    [
      'has an entry of another term than its table',
      'recovered-log-contiguous',
      { tail: entries('1@1 2@2 3@3') },
    ],
    ['has entries but no table', 'recovered-log-contiguous', { termRanges: [] }],
    [
      'has a table but no entries',
      'recovered-log-contiguous',
      { tail: [], hardState: { ...hard, commitIndex: logIndex(0) } },
    ],
    ['has a table that goes beyond its last entry', 'recovered-log-contiguous', { tail: entries('1@1 2@1') }],
    ['has a table that begins above its base', 'recovered-log-contiguous', { termRanges: ranges('2@1 3@3') }],
    ['has a table that goes back in term', 'recovered-log-contiguous', { termRanges: ranges('1@3 2@1 3@3') }],
    [
      'has a table that names a term twice',
      'recovered-log-contiguous',
      { termRanges: [...ranges('1@1'), ...ranges('2@1 3@3')] },
    ],
    [
      'has a table that goes back in index',
      'recovered-log-contiguous',
      { termRanges: [...ranges('1@1'), ...ranges('3@3'), ...ranges('2@4')] },
    ],
    [
      'has a table that begins in term 0',
      'recovered-log-contiguous',
      { tail: entries('1@0 2@0 3@3'), termRanges: ranges('1@0 3@3') },
    ],
  ];

  for (const [what, name, changes] of cases) {
    it(`is refused where it ${what}`, () => {
      expect(broken(changes)).toBe(name);
    });
  }

  it('is told apart from a time that is none', () => {
    expect([broken({}, Number.NaN), broken({}, Infinity)]).toEqual(['time-is-finite', 'time-is-finite']);
  });
});

function recoverWith(configurationOnDisk: Configuration): void {
  recover(OPTIONS, { ...SOUND, base: { ...SOUND.base, configuration: configurationOnDisk } }, 0);
}

describe('the configurations of a record (R21)', () => {
  const joint = configurationEntry(2, 1, 'a b d from a b c');
  const simple = configurationEntry(3, 1, 'a b d, removed c');
  const first = entries('1@1');

  function configurationsOf(changes: Partial<DurableRecord>): string {
    const hardState = { ...SOUND.hardState, currentTerm: term(1), commitIndex: logIndex(0) };
    const tail = [...first, joint, simple];
    const whole = { ...SOUND, hardState, tail, termRanges: ranges('1@1'), configurations: [joint, simple] };
    return inForce(recover(OPTIONS, { ...whole, ...changes }, 0));
  }

  it('are in force again, the last of them, also where their entries are not in the tail', () => {
    expect(configurationsOf({})).toBe('a b d, removed c @3');
    expect(configurationsOf({ tail: [...first, joint], configurations: [joint] })).toBe(
      'a b d from a b c @2',
    );
    const more = [...entries('4@1')];
    expect(configurationsOf({ tail: more })).toBe('a b d, removed c @3');
  });

  it.each<[string, Partial<DurableRecord>]>([
    ['miss one of the tail', { configurations: [joint] }],
    ['have one that the tail lacks', { tail: [...first, joint, ...entries('3@1')] }],
    ['go back', { configurations: [simple, joint] }],
    ['lie above the log', { tail: first }],
    ['make no sense', { configurations: [{ ...joint, configuration: configuration('a a') }, simple] }],
  ])('are refused where they %s', (_what, changes) => {
    expect(() => configurationsOf(changes)).toThrow('recovered-configurations');
  });
});

describe('the set of voters', () => {
  it('is refused where it is empty, or names one twice', () => {
    expect(() =>
      recoverWith({ ...configuration('a'), voters: [], learners: configuration('a').voters }),
    ).toThrow(OptionsError);
    expect(() => recoverWith(configuration('a b a'))).toThrow(OptionsError);
  });

  it('may lack this node, which then never campaigns', () => {
    const node = new TestNode({ voters: 'b c d' });
    node.flush();
    expect(node.wakeAtMs).toBeNull();
    node.elapse(10_000);
    expect(node.state.role.kind).toBe('follower');
  });
});
