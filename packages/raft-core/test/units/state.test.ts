/** The hot shapes, which are copied field by field, and the disk's account of its writes. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId, ref, term, writeNumber, votersOf } from '../../src/index.ts';
import { round } from '../../src/basics/brands.ts';
import { SharedList } from '../../src/basics/shared-list.ts';
import {
  handOut,
  persistThrough,
  recoveredDisk,
  stalledSinceMs,
  truncateDisk,
} from '../../src/state/disk.ts';
import { configurationOf, copyState, leaderOf, type NodeState } from '../../src/state/node-state.ts';
import {
  copyProgress,
  newProgress,
  probeFrom,
  probeAgain,
  raiseMatch,
  streamAfterProbe,
  type ProgressDraft,
} from '../../src/state/progress.ts';
import { copyLeader, hasCommittedInTerm, newLeader, type Leader } from '../../src/state/role.ts';
import { TestNode } from '../support/test-node.ts';

/** Each field of `value` under its own name, but with a value of its own: no two are equal, none is a default. */
function distinct<Shape extends object>(value: Shape): Shape {
  return Object.fromEntries(Object.keys(value).map((field) => [field, Symbol(field)])) as Shape;
}

/** The fields of a copy, in order; each must be the original's own value. */
function fieldsOf(original: object, copy: object): string[] {
  const values = new Map<string, unknown>(Object.entries(original));
  const copied = Object.entries(copy) as [string, unknown][];
  return copied.filter(([field, value]) => values.get(field) === value).map(([field]) => field);
}

describe('copies', () => {
  it('of a state have every field and its value, in the same order', () => {
    const state = distinct(new TestNode().elect().state);
    expect(fieldsOf(state, copyState(state))).toEqual(Object.keys(state));
  });

  it('of a leader have every field and its value, in the same order', () => {
    const { kind, ...rest } = new TestNode().elect().leader();
    const leader: Leader = { kind, ...distinct(rest) };
    expect(fieldsOf(leader, copyLeader(leader))).toEqual(Object.keys(leader));
  });

  it('of what is known of a peer have every field and its value, in the same order', () => {
    const progress = distinct(new TestNode().elect().progress('b'));
    expect(fieldsOf(progress, copyProgress(progress))).toEqual(Object.keys(progress));
  });

  it('are others’ to change: the original stays as it was', () => {
    const { state } = new TestNode();
    const copy = copyState(state);
    copy.currentTerm = term(9);
    expect([state.currentTerm, copy.currentTerm]).toEqual([0, 9]);
  });
});

function inRole(role: NodeState['role']): NodeState {
  return { ...new TestNode().state, role };
}

describe('who leads, as far as a node knows', () => {
  it('is a leader itself, a follower’s leader, and nobody for all others', () => {
    const votes = [nodeId('a')];
    const known = [
      leaderOf(new TestNode().elect().state),
      leaderOf(
        inRole({ kind: 'follower', leader: nodeId('c'), echoedRound: round(0), isHeartbeatOwed: false }),
      ),
      leaderOf(inRole({ kind: 'follower', leader: null, echoedRound: round(0), isHeartbeatOwed: false })),
      leaderOf(inRole({ kind: 'pre-candidate', votes })),
      leaderOf(inRole({ kind: 'candidate', votes })),
      leaderOf(inRole({ kind: 'failed' })),
    ];
    expect(known).toEqual(['a', 'c', null, null, null, null]);
  });

  it('is found in the configuration of the log’s base', () => {
    expect(votersOf(configurationOf(new TestNode({ voters: 'a x' }).state)).map(({ id }) => id)).toEqual([
      'a',
      'x',
    ]);
  });
});

function fresh(): ProgressDraft {
  return copyProgress(newProgress(nodeId('b'), logIndex(7), 30));
}

describe('what a leader knows of a peer', () => {
  it('begins with nothing matched, a probe at the end of the log, and the moment of the election', () => {
    expect(fresh()).toMatchObject({ matchIndex: 0, nextIndex: 8, lastReplyMs: 30 });
    expect(fresh().flow).toEqual({ kind: 'probing', sentThrough: null });
  });

  it('raises match and next together, and says whether that is news', () => {
    const progress = fresh();
    expect([raiseMatch(progress, logIndex(3)), progress.matchIndex, progress.nextIndex]).toEqual([
      true,
      3,
      8,
    ]);
    expect([raiseMatch(progress, logIndex(9)), progress.matchIndex, progress.nextIndex]).toEqual([
      true,
      9,
      10,
    ]);
    expect([raiseMatch(progress, logIndex(9)), progress.matchIndex, progress.nextIndex]).toEqual([
      false,
      9,
      10,
    ]);
    expect([raiseMatch(progress, logIndex(4)), progress.matchIndex, progress.nextIndex]).toEqual([
      false,
      9,
      10,
    ]);
  });

  it('is probed from just after match where all that streamed is lost, never at or below it', () => {
    const progress = fresh();
    raiseMatch(progress, logIndex(5));
    progress.flow = { kind: 'replicating', inFlight: [logIndex(6)] };
    probeAgain(progress, logIndex(0));
    expect(progress).toMatchObject({ nextIndex: 6, flow: { kind: 'probing', sentThrough: null } });
    progress.flow = { kind: 'replicating', inFlight: [logIndex(6)] };
    probeAgain(progress, logIndex(8));
    expect(progress).toMatchObject({ nextIndex: 9, flow: { kind: 'probing', sentThrough: null } });
    expect(() => probeFrom(progress, logIndex(5))).toThrow('match-below-next');
  });
});

describe('a peer that is probed', () => {
  it('is probed at the same place where the probe is lost', () => {
    const progress = fresh();
    probeFrom(progress, logIndex(4));
    progress.flow = { kind: 'probing', sentThrough: logIndex(5) };
    probeAgain(progress, logIndex(0));
    expect(progress).toMatchObject({ nextIndex: 4, flow: { kind: 'probing', sentThrough: null } });
  });
});

describe('a peer whose place was found', () => {
  it('has under way what the probe sent beyond it', () => {
    const progress = fresh();
    raiseMatch(progress, logIndex(7));
    streamAfterProbe(progress, logIndex(9));
    expect(progress).toMatchObject({ nextIndex: 10, flow: { kind: 'replicating', inFlight: [9] } });
  });

  it('has nothing under way where the probe was empty, has arrived, or was none', () => {
    for (const sentThrough of [logIndex(7), logIndex(6), null]) {
      const progress = fresh();
      raiseMatch(progress, logIndex(7));
      streamAfterProbe(progress, sentThrough);
      expect(progress).toMatchObject({ nextIndex: 8, flow: { kind: 'replicating', inFlight: [] } });
    }
  });
});

describe('a new leader', () => {
  it('has no requests, no rounds, and a heartbeat due at once', () => {
    const leader = newLeader(logIndex(4), { progress: [], halves: [] }, 50, null);
    expect(leader).toMatchObject({ firstIndex: 4, round: 0, heartbeatDueMs: 50, commitNoticeDueMs: null });
    expect([leader.proposals.length, leader.waitingReads.length, leader.readRounds.length]).toEqual([
      0, 0, 0,
    ]);
    expect(leader.waitingReads).toEqual(SharedList.of([]));
  });

  it('knows the commit index for certain from its first entry on', () => {
    const leader = newLeader(logIndex(4), { progress: [], halves: [] }, 0, null);
    expect([3, 4, 5].map((commit) => hasCommittedInTerm(leader, logIndex(commit)))).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('the account of the disk', () => {
  const hard = { currentTerm: term(2), votedFor: nodeId('b'), commitIndex: logIndex(1) };
  const recovered = recoveredDisk(hard, logIndex(4), writeNumber(0));
  const later = { ...hard, currentTerm: term(3), votedFor: nodeId('c') };
  /** Writes 1 and 2: the log up to 6, then up to 9 in term 3. */
  const twoWrites = handOut(
    handOut(recovered, writeNumber(1), hard, logIndex(6), 10),
    writeNumber(2),
    later,
    logIndex(9),
    20,
  );

  it('begins with everything durable and nothing to write', () => {
    expect(recovered).toMatchObject({ durableIndex: 4, durableTerm: 2, durableVote: 'b', dirtyFrom: 5 });
    expect([recovered.pending, stalledSinceMs(recovered)]).toEqual([[], null]);
  });

  it('takes nothing for durable that was only handed out', () => {
    expect(twoWrites).toMatchObject({ durableIndex: 4, durableTerm: 2, durableVote: 'b', lastWrite: 2 });
    expect(twoWrites).toMatchObject({ handedThrough: 9, dirtyFrom: 10, handedState: later });
    expect(stalledSinceMs(twoWrites)).toBe(10);
  });

  it('takes for durable what the newest write that is done has left', () => {
    const one = persistThrough(twoWrites, writeNumber(1));
    expect(one).toMatchObject({ durableIndex: 6, durableTerm: 2, durableVote: 'b', persistedWrite: 1 });
    expect(stalledSinceMs(one)).toBe(20);
    const both = persistThrough(twoWrites, writeNumber(2));
    expect(both).toMatchObject({ durableIndex: 9, durableTerm: 3, durableVote: 'c', persistedWrite: 2 });
    expect([persistThrough(one, writeNumber(2)), both.pending]).toEqual([both, []]);
  });

  it('hears a report again without a change, and refuses one of a write that is none', () => {
    const one = persistThrough(twoWrites, writeNumber(1));
    expect(persistThrough(one, writeNumber(1))).toBe(one);
    expect(() => persistThrough(one, writeNumber(3))).toThrow('write-order');
    expect(() => handOut(one, writeNumber(4), hard, logIndex(9), 0)).toThrow('writes-ascend');
  });

  it('lowers what every write will say, and what is to be written, by a truncation', () => {
    const cut = truncateDisk(twoWrites, logIndex(6));
    expect(cut).toMatchObject({ durableIndex: 4, dirtyFrom: 6, handedThrough: 9 });
    expect(cut.pending.map((write) => write.lastIndex)).toEqual([5, 5]);
    const deep = truncateDisk(cut, logIndex(3));
    expect(deep).toMatchObject({ durableIndex: 2, dirtyFrom: 3 });
    expect(deep.pending.map((write) => write.lastIndex)).toEqual([2, 2]);
    expect(twoWrites.pending.map((write) => write.lastIndex)).toEqual([6, 9]);
  });

  it('never raises anything by a truncation above it', () => {
    const cut = truncateDisk(truncateDisk(twoWrites, logIndex(3)), logIndex(8));
    expect(cut).toMatchObject({ durableIndex: 2, dirtyFrom: 3 });
    expect(cut.pending.map((write) => write.lastIndex)).toEqual([2, 2]);
  });
});

describe('refs and indexes', () => {
  it('are integers that can be counted exactly', () => {
    for (const make of [term, logIndex, writeNumber, round, ref]) {
      expect([make(0), make(Number.MAX_SAFE_INTEGER)]).toEqual([0, Number.MAX_SAFE_INTEGER]);
      for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53])
        expect(() => make(value)).toThrow(RangeError);
    }
    expect(() => nodeId('')).toThrow(RangeError);
    expect(nodeId('x')).toBe('x');
  });
});
