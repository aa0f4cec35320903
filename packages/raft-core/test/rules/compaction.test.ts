/** The log forgets what a snapshot of this node holds. Source: rules R8, R21, R33; Raft §7. */

import { describe, expect, it } from 'vitest';
import { baseAt, emptyRecord, logIndex, nodeId, noConfiguration, ref, recover } from '../../src/index.ts';
import type { Message } from '../../src/index.ts';
import { configurationEntry, inForce, members, words } from '../support/membership.ts';
import { append, appendRefusal, entries, only, roundReply } from '../support/messages.ts';
import { TestNode, type TestNodeSetup } from '../support/test-node.ts';
import { machine, streams, told, written } from '../support/told.ts';

const OPTIONS = { compactionWaitMaxMs: 3000, snapshotTimeoutMs: 8000 };

/** Has applied 4 of 5 entries. */
function follower(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode({ log: '1@1 2@1 3@2 4@2 5@3', commit: 4, ...setup });
  node.flush();
  if (node.state.handedApply > 0) node.applied(node.state.handedApply);
  return node;
}

/** Leads term 4 with 6@4, and has applied all that `c` holds, which is all. */
function leader(): TestNode {
  const node = new TestNode({ log: '1@1 2@1 3@2 4@2 5@3', options: OPTIONS }).elect();
  node.matched('c', 6);
  node.applied(6);
  return node;
}

function baseIndex(node: TestNode): number {
  return node.state.log.base.index;
}

/** Lets `ms` pass in steps of a heartbeat, in which `c` answers, and `b` by `answer`. */
function pass(node: TestNode, ms: number, answer: () => Message | null): void {
  for (let passed = 0; passed < ms; passed += 100) {
    const reply = answer();
    if (reply !== null) node.receive('b', reply);
    node.matched('c', 6);
    node.persistAll();
    node.elapse(100);
  }
}

const heard = (node: TestNode) => () => roundReply(4, node.leader().round);

/** Configurations at 2 and 4; the last is not committed. */
function changing(): TestNode {
  const node = new TestNode();
  const list = [
    ...entries('1@1'),
    configurationEntry(2, 1, 'a b c, learner d'),
    ...entries('3@1'),
    configurationEntry(4, 2, 'a b d from a b c'),
    ...entries('5@2'),
  ];
  node.receive('b', { ...append({ term: 2, commit: 3 }), entries: list });
  node.persistAll();
  node.applied(3);
  return node;
}

/** Begins behind 2@1; `b` lacks that, and is being sent the snapshot. */
function sending(): TestNode {
  const node = leader();
  pass(node, 1000, () => null);
  node.compacted(2);
  expect(streams(node.receive('b', appendRefusal(4, 5, '0@0')))).toEqual(['b 2@1']);
  return node;
}

describe('R33: compaction of a follower', () => {
  it('comes at once, and keeps what is above', () => {
    const node = follower();
    expect(written(node.compacted(3))).toEqual(['1: 3@2 kept']);
    expect(node.log()).toBe('4@2 5@3');
    expect(node.state.log.termRanges).toEqual([
      { firstIndex: 4, term: 2 },
      { firstIndex: 5, term: 3 },
    ]);
    expect(node.state.compaction).toBeNull();
  });

  it('moves nothing that is on disk, or waits for that, or is applied', () => {
    const node = follower();
    const { disk } = node.state;
    node.compacted(4);
    expect(node.state.disk).toMatchObject({
      durableIndex: disk.durableIndex,
      handedThrough: 5,
      dirtyFrom: 6,
    });
    expect(machine(node.persistAll())).toEqual([]);
    expect(node.state).toMatchObject({ appliedIndex: 4, handedApply: 4, commitIndex: 4 });
  });

  it('may let go of the whole log', () => {
    const node = follower({ commit: 5 });
    expect(written(node.compacted(5))).toEqual(['1: 5@3 kept']);
    expect(node.log()).toBe('');
    const effects = node.receive('b', append({ term: 3, prev: '5@3', entries: '6@3' }));
    expect(written(effects)).toEqual(['2: 6@3']);
    expect(node.state.log.termRanges).toEqual([{ firstIndex: 6, term: 3 }]);
  });

  it('lets go of entries that only the disk holds', () => {
    const node = new TestNode({ log: '1@1 2@1 3@2 4@2 5@3', commit: 3, tailLength: 1 });
    node.flush();
    node.input({ kind: 'fetched', peer: null, from: logIndex(1), entries: entries('1@1 2@1 3@2') });
    node.applied(3);
    expect(written(node.compacted(2))).toEqual(['1: 2@1 kept']);
    expect(node.log()).toBe('5@3');
    expect(node.state.log.termRanges).toEqual([
      { firstIndex: 3, term: 2 },
      { firstIndex: 5, term: 3 },
    ]);
  });

  it('to where the log begins already, or before, does nothing', () => {
    const node = follower();
    node.compacted(3);
    for (const index of [3, 2, 0]) expect(node.compacted(index)).toEqual([]);
  });

  it('twice in a turn goes to the higher one', () => {
    const node = follower();
    node.step({ kind: 'compacted', index: logIndex(3) });
    expect(written(node.compacted(2))).toEqual(['1: 3@2 kept']);
    expect(written(node.compacted(4))).toEqual(['2: 4@2 kept']);
  });

  it('that a snapshot of a peer passed is dropped', () => {
    const node = follower();
    node.step({ kind: 'compacted', index: logIndex(3) });
    expect(written(node.snapshot('b', '9@3'))).toEqual(['1: 9@3 emptied']);
    expect(node.state.compaction).toBeNull();
  });

  it('stands in one write with what the turn brings', () => {
    const node = follower();
    node.step({
      kind: 'receive',
      from: nodeId('b'),
      message: append({ term: 4, prev: '4@2', entries: '5@4' }),
    });
    expect(written(node.compacted(4))).toEqual(['1: t4 c4, 4@2 kept, from 5, 5@4']);
  });

  // It could not start behind such a base, and no peer would take it.
  it('waits until it knows who takes part', () => {
    const node = new TestNode({ id: 'd' });
    const options = { id: nodeId('d'), seed: 1, clusterIdProposal: new Uint8Array(16) };
    node.state = recover(options, emptyRecord(noConfiguration()), 0);
    const learner = configurationEntry(3, 1, 'a b c, learner d');
    const message = { ...append({ term: 1, commit: 3 }), entries: [...entries('1@1 2@1'), learner] };
    node.receive('a', message);
    node.persistAll();
    node.applied(3);
    expect(node.compacted(2)).toEqual([]);
    expect(written(node.compacted(3))).toEqual(['2: t1 c3, 3@1 kept']);
    expect(inForce(node.state)).toBe('a b c, learner d @3');
  });
});

describe('R21: what a snapshot stands for', () => {
  it('has the term, and the configuration with its own index, of each place of the log', () => {
    const { state } = changing();
    const lines = [0, 1, 2, 3, 4, 5].map((index) => {
      const { term, configuration, configurationIndex } = baseAt(state, logIndex(index));
      return `${index}@${term} ${words(configuration)} @${configurationIndex}`;
    });
    expect(lines).toEqual([
      '0@0 a b c @0',
      '1@1 a b c @0',
      '2@1 a b c, learner d @2',
      '3@1 a b c, learner d @2',
      '4@2 a b d from a b c @4',
      '5@2 a b d from a b c @4',
    ]);
  });

  it('is what the log begins with, and goes back to', () => {
    const node = changing();
    node.compacted(3);
    expect(inForce(node.state)).toBe('a b d from a b c @4');
    expect(node.state.log.configurations.map(({ index }) => index)).toEqual([4]);
    node.receive('c', append({ term: 3, prev: '3@1', entries: '4@3' }));
    expect(inForce(node.state)).toBe('a b c, learner d @2');
  });

  it('is kept by the next one where no configuration lies between', () => {
    const node = changing();
    node.compacted(2);
    const { configurationIndex } = baseAt(node.state, logIndex(3));
    expect(configurationIndex).toBe(2);
    node.compacted(3);
    expect(node.state.log.base).toMatchObject({ index: 3, configurationIndex: 2 });
  });
});

describe('R33: compaction of a leader', () => {
  it('comes at once where all peers hold what it lets go', () => {
    const node = leader();
    node.matched('b', 5);
    node.compacted(5);
    expect(baseIndex(node)).toBe(5);
  });

  it('waits for a peer that answers and lacks it, and comes when that has it', () => {
    const node = leader();
    node.matched('b', 4);
    expect(written(node.compacted(5))).toEqual([]);
    expect(baseIndex(node)).toBe(0);
    expect(written(node.matched('b', 5))).toEqual(['3: t4 c6, 5@3 kept']);
    expect(baseIndex(node)).toBe(5);
  });

  it('waits no longer than compactionWaitMaxMs', () => {
    const node = leader();
    node.matched('b', 4);
    node.compacted(5);
    pass(node, 2900, heard(node));
    expect(baseIndex(node)).toBe(0);
    pass(node, 100, heard(node));
    expect(baseIndex(node)).toBe(5);
  });

  it('waits from the first snapshot on, and takes the last', () => {
    const node = leader();
    node.matched('b', 1);
    node.compacted(3);
    pass(node, 2000, heard(node));
    node.compacted(5);
    pass(node, 1000, heard(node));
    expect(baseIndex(node)).toBe(5);
  });

  it('asks to be woken at the end of the wait', () => {
    const options = { compactionWaitMaxMs: 30 };
    const node = new TestNode({ log: '1@1 2@1', options }).elect();
    node.matched('c', 3);
    node.applied(3);
    node.matched('b', 1);
    node.compacted(2);
    // A commit notice is due before.
    node.wake();
    node.wake();
    expect(node.nowMs).toBe(30);
    expect(baseIndex(node)).toBe(2);
  });

  it('does not wait for a peer that does not answer', () => {
    const node = leader();
    pass(node, 1000, () => null);
    node.compacted(5);
    expect(baseIndex(node)).toBe(5);
  });

  it('waits no longer when the peer falls silent', () => {
    const node = leader();
    node.matched('b', 4);
    node.compacted(5);
    pass(node, 1000, () => null);
    expect(baseIndex(node)).toBe(5);
  });

  it('comes at once when office is lost', () => {
    const node = leader();
    node.matched('b', 4);
    node.compacted(5);
    node.receive('b', append({ term: 5, prev: '6@4' }));
    expect(baseIndex(node)).toBe(5);
  });

  it('waits for a peer that is being sent a snapshot up to snapshotTimeoutMs', () => {
    const node = sending();
    node.compacted(5);
    pass(node, 7900, heard(node));
    expect(baseIndex(node)).toBe(2);
    pass(node, 100, heard(node));
    expect(baseIndex(node)).toBe(5);
  });

  it('does not wait that long for one peer where another is being sent a snapshot and is gone', () => {
    const node = sending();
    node.compacted(6);
    pass(node, 1000, () => null);
    expect(baseIndex(node)).toBe(6);
  });

  it('has a peer that lacks it asked about the base, and drops what is read for that', () => {
    const node = new TestNode({ log: '1@1 2@1 3@2 4@2 5@3', tailLength: 1, options: OPTIONS }).elect();
    node.matched('c', 6);
    node.input({ kind: 'fetched', peer: null, from: logIndex(1), entries: entries('1@1 2@1 3@2 4@2') });
    node.applied(6);
    expect(only(node.receive('b', appendRefusal(4, 5, '0@0')), 'fetch')).toMatchObject([
      { peer: 'b', from: 1 },
    ]);
    pass(node, 1000, () => null);
    expect(told(node.compacted(5), 'b')).toEqual(['b append t4 prev=5@3 [6@4], at once']);
    const late = entries('1@1 2@1');
    expect(node.input({ kind: 'fetched', peer: nodeId('b'), from: logIndex(1), entries: late })).toEqual([]);
    expect(streams(node.receive('b', appendRefusal(4, 5, '0@0')))).toEqual(['b 5@3']);
  });

  it('leaves a peer that holds more where it is', () => {
    const node = leader();
    node.matched('b', 6);
    const before = node.leader().progress;
    node.compacted(4);
    expect(node.leader().progress).toEqual(before);
  });

  it('leaves proposals, reads and the match of peers as they are', () => {
    const node = leader();
    node.matched('b', 6);
    node.propose(1);
    node.persistAll();
    node.read(2);
    node.step({ kind: 'compacted', index: logIndex(6) });
    node.flush();
    expect(baseIndex(node)).toBe(6);
    const effects = node.matched('b', 7);
    expect(only(effects, 'result')).toMatchObject([{ ref: ref(1), outcome: 'committed', index: 7 }]);
    expect(only(effects, 'readable')).toMatchObject([{ ref: ref(2), index: 6 }]);
  });

  it('lets a membership change that is under way be finished', () => {
    const node = leader();
    node.matched('b', 6);
    const targets = {
      voters: members('a b'),
      learners: [],
    };
    node.input({ kind: 'changeMembership', ref: ref(3), targets, ifIndex: null, force: false });
    node.persistAll();
    node.matched('b', 7);
    node.matched('c', 7);
    node.applied(7);
    node.compacted(7);
    expect(node.state.log.base).toMatchObject({
      index: 7,
      configurationIndex: 7,
      configuration: { kind: 'joint' },
    });
    node.persistAll();
    node.matched('b', 8);
    expect(only(node.effects, 'result')).toMatchObject([{ ref: ref(3), outcome: 'committed', index: 8 }]);
    expect(inForce(node.state)).toBe('a b, removed c @8');
  });
});
