/** A snapshot from a peer takes the place of the log, in every order of arrival. Source: rules R2, R4, R7, R8, R33; Raft §7. */

import { describe, expect, it } from 'vitest';
import { emptyRecord, logIndex, nodeId, noConfiguration, recover, term } from '../../src/index.ts';
import type { Base, Effect, Entry } from '../../src/index.ts';
import { configured, inForce } from '../support/membership.ts';
import { append, baseOf, configuration, entries, only, snapshotReceived } from '../support/messages.ts';
import { record, TestNode, type TestNodeSetup } from '../support/test-node.ts';
import { machine, told, written } from '../support/told.ts';
import { SimulatedDisk } from '../cluster-disk.ts';

/** Holds five entries of term 1, two of them committed and applied. */
function follower(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode({ log: '1@1 2@1 3@1 4@1 5@1', commit: 2, ...setup });
  node.flush();
  if (node.state.handedApply > 0) node.applied(node.state.handedApply);
  return node;
}

/** Begins on an empty disk, and knows of nobody. */
function joining(): TestNode {
  const node = new TestNode({ id: 'd' });
  const options = { id: nodeId('d'), seed: 1, clusterIdProposal: new Uint8Array(16) };
  node.state = recover(options, emptyRecord(noConfiguration()), 0);
  return node;
}

function receiveAppend(node: TestNode, fields: Parameters<typeof append>[0], from = 'b'): TestNode {
  return node.step({ kind: 'receive', from: nodeId(from), message: append(fields) });
}

/** What a node that starts on what a crash leaves of `effects`, written over `setup`, has: its log and its commit index. */
function afterCrash(setup: TestNodeSetup, effects: readonly Effect[], writes: number, parts: number): string {
  const disk = new SimulatedDisk(configuration('a b c'), record(setup));
  for (const effect of effects) if (effect.kind === 'persist') disk.accept(effect, 0, 0);
  disk.crash(writes, parts);
  const found = disk.record(Infinity);
  const options = { id: nodeId('a'), seed: 1, clusterIdProposal: new Uint8Array(16) };
  const { commitIndex, log } = recover(options, found, 0);
  const rest = found.tail.map(({ index, term: ofTerm }) => ` ${index}@${ofTerm}`).join('');
  return `${log.base.index}@${log.base.term}${rest}, commit ${commitIndex}`;
}

describe('R33: a snapshot at or below the commit index', () => {
  for (const index of [1, 2]) {
    it(`changes nothing and is answered with the commit index: one of ${index} of 2`, () => {
      const node = follower();
      const { log, disk } = node.state;
      expect(told(node.snapshot('b', `${index}@1`))).toEqual(['b appendReply t1 matched=2, at once']);
      expect(node.state.log).toBe(log);
      expect(node.state.disk).toBe(disk);
    });
  }

  it('is answered after the write of what is committed and not yet on disk', () => {
    const node = follower();
    receiveAppend(node, { term: 1, prev: '5@1', entries: '6@1 7@1', commit: 7 }).flush();
    expect(told(node.snapshot('b', '3@1'))).toEqual(['b appendReply t1 matched=7, after 1']);
  });

  it('changes nothing where it came before, and its write is under way', () => {
    const node = follower();
    node.snapshot('b', '9@1');
    const again = node.snapshot('c', '9@1');
    expect(written(again)).toEqual([]);
    expect(told(again)).toEqual(['c appendReply t1 matched=9, after 1']);
  });
});

describe('R33: a snapshot above the commit index', () => {
  it('keeps the log behind it where that holds its last entry', () => {
    const node = follower();
    const effects = node.snapshot('b', '4@1');
    expect(written(effects)).toEqual(['1: t1 c4, 4@1 kept']);
    expect(node.log()).toBe('5@1');
    expect(node.state).toMatchObject({ commitIndex: 4, log: { base: { index: 4, term: 1 } } });
  });

  it('empties the log where that holds another entry at its index', () => {
    const node = follower({ term: 2 });
    const effects = node.snapshot('b', '4@2');
    expect(written(effects)).toEqual(['1: 4@2 emptied']);
    expect(node.log()).toBe('');
    expect(node.state).toMatchObject({ commitIndex: 4, disk: { durableIndex: 0 } });
  });

  it('empties the log where it is beyond its end', () => {
    const node = follower();
    expect(written(node.snapshot('b', '9@1'))).toEqual(['1: 9@1 emptied']);
    expect(node.log()).toBe('');
  });

  it('keeps nothing behind it where it is the last entry', () => {
    const node = follower();
    expect(written(node.snapshot('b', '5@1'))).toEqual(['1: t1 c5, 5@1 kept']);
    expect(node.log()).toBe('');
    expect(written(receiveAppend(node, { term: 1, prev: '5@1', entries: '6@1' }).flush())).toEqual([
      '2: 6@1',
    ]);
  });

  it('keeps a log of which only the disk holds its last entry', () => {
    const node = follower({ tailLength: 1 });
    expect(written(node.snapshot('b', '3@1'))).toEqual(['1: t1 c3, 3@1 kept']);
    expect(node.state.log.termRanges).toEqual([{ firstIndex: 4, term: 1 }]);
  });

  it('begins the term of its last entry', () => {
    const node = follower();
    expect(written(node.snapshot('b', '9@7'))).toEqual(['1: t7 c2, 9@7 emptied']);
    expect(node.state).toMatchObject({ currentTerm: 7, votedFor: null });
  });

  it('gives a candidate what it holds, and leaves it one', () => {
    const node = follower();
    node.elapse(2000);
    node.input({
      kind: 'receive',
      from: nodeId('b'),
      message: { kind: 'preVoteReply', term: term(2), isGranted: true },
    });
    expect(node.state.role.kind).toBe('candidate');
    expect(told(node.snapshot('c', '9@1'), 'c')).toEqual(['c appendReply t2 matched=9, after 2']);
    expect(node.state.role.kind).toBe('candidate');
  });

  it('makes a follower of a candidate whose term is below that of its last entry', () => {
    const node = follower();
    node.elapse(2000);
    node.snapshot('c', '9@4');
    expect(node.state).toMatchObject({ currentTerm: 4, role: { kind: 'follower', leader: null } });
  });

  it('means nothing to a leader, whose log holds all that is committed', () => {
    const node = new TestNode({ log: '1@1' }).elect();
    const { log } = node.state;
    expect(node.snapshot('b', '9@2')).toEqual([]);
    expect(node.state.log).toBe(log);
    expect(node.state.role.kind).toBe('leader');
  });

  it('ends the office of a leader of an earlier term', () => {
    const node = new TestNode({ log: '1@1' }).elect();
    expect(written(node.snapshot('b', '9@3'))).toEqual(['3: t3 c0, 9@3 emptied']);
    expect(node.state.role.kind).toBe('follower');
  });

  for (const sender of ['d', 'z']) {
    it(`is believed whoever sends it, since only what is committed is in one: ${sender}`, () => {
      const node = follower();
      const base = { ...baseOf('9@1'), configuration: configured('a b c, removed d') };
      expect(told(node.snapshot(sender, base))).toEqual([`${sender} appendReply t1 matched=9, after 1`]);
      expect(node.state.commitIndex).toBe(9);
    });
  }
});

describe('R7: a malformed snapshot', () => {
  const sound = baseOf('9@1');
  const cases: Readonly<Record<string, unknown>> = {
    'no base': null,
    'of nothing': { ...sound, index: 0, term: 0 },
    'of an entry without a term': { ...sound, term: 0 },
    'of half an entry': { ...sound, index: 8.5 },
    'of a term that nobody can have begun': { ...sound, term: 2 ** 40 },
    'whose configuration is of a later entry': { ...sound, configurationIndex: 10 },
    'whose configuration is of no entry': { ...sound, configurationIndex: -1 },
    'without a configuration': { ...sound, configuration: undefined },
    'of nobody': { ...sound, configuration: noConfiguration() },
  };

  for (const [name, base] of Object.entries(cases)) {
    it(`changes nothing and is blamed: ${name}`, () => {
      const node = follower();
      const before = node.state;
      const effects = node.snapshot('b', base as Base);
      expect(effects.map(({ kind }) => kind)).toEqual(['changed']);
      expect(node.state.peerFault).toMatchObject({ peer: 'b', fault: 'malformed-message' });
      expect({ ...node.state, peerFault: null, handedStatus: null }).toEqual({
        ...before,
        peerFault: null,
        handedStatus: null,
      });
    });
  }
});

describe('R4: one write takes hard state, base, truncation and entries in this order', () => {
  it('with an append before it in the turn, whose entries stay behind it', () => {
    const node = receiveAppend(follower(), { term: 1, prev: '5@1', entries: '6@1 7@1 8@1' });
    const effects = node.snapshot('b', '4@1');
    expect(written(effects)).toEqual(['1: t1 c4, 4@1 kept, 6@1 7@1 8@1']);
  });

  it('with an append after it in the turn', () => {
    const node = follower().step(snapshotReceived('b', '9@2'));
    const effects = receiveAppend(node, { term: 2, prev: '9@2', entries: '10@2' }).flush();
    expect(written(effects)).toEqual(['1: t2 c2, 9@2 emptied, 10@2']);
  });

  it('with a truncation above it before it in the turn', () => {
    const node = receiveAppend(follower(), { term: 2, prev: '4@1', entries: '5@2' });
    expect(written(node.snapshot('b', '3@1'))).toEqual(['1: t2 c3, 3@1 kept, from 5, 5@2']);
  });

  it('with a truncation above it after it in the turn', () => {
    const node = follower().step(snapshotReceived('b', '3@1'));
    const effects = receiveAppend(node, { term: 2, prev: '4@1', entries: '5@2' }).flush();
    expect(written(effects)).toEqual(['1: t2 c3, 3@1 kept, from 5, 5@2']);
  });

  it('with two snapshots in the turn, as the second one’s', () => {
    const node = follower().step(snapshotReceived('b', '3@1'));
    expect(written(node.snapshot('b', '4@1'))).toEqual(['1: t1 c4, 4@1 kept']);
    const other = follower().step(snapshotReceived('b', '3@1'));
    expect(written(other.snapshot('b', '9@1'))).toEqual(['1: 9@1 emptied']);
    const third = follower().step(snapshotReceived('b', '9@1'));
    expect(written(third.snapshot('b', '12@1'))).toEqual(['1: 12@1 emptied']);
  });

  // The answer to the append leaves after this write: what it acknowledges has to be in it.
  it('writes what an append of the turn brought behind it where the disk holds none of that', () => {
    const node = receiveAppend(follower(), { term: 1, prev: '5@1', entries: '6@1 7@1 8@1' });
    const effects = node.snapshot('b', '6@1');
    expect(told(effects, 'b')).toContain('b appendReply t1 matched=8, after 1');
    expect(written(effects)).toEqual(['1: 6@1 emptied, 7@1 8@1']);
    expect(node.log()).toBe('7@1 8@1');
  });

  // The disk holds 4@1 still, where the log has 4@2.
  it('does not keep on disk what follows an entry that the turn replaced', () => {
    const node = receiveAppend(follower(), { term: 2, prev: '3@1', entries: '4@2 5@2' });
    const effects = node.snapshot('b', '4@2');
    expect(written(effects)).toEqual(['1: t2 c2, 4@2 emptied, 5@2']);
    expect(afterCrash({ log: '1@1 2@1 3@1 4@1 5@1', commit: 2 }, effects, 1, 0)).toBe('4@2 5@2, commit 4');
  });

  it('keeps what came between two snapshots of a turn', () => {
    const node = follower().step(snapshotReceived('b', '9@1'));
    receiveAppend(node, { term: 1, prev: '9@1', entries: '10@1 11@1' });
    expect(written(node.snapshot('b', '10@1'))).toEqual(['1: 10@1 emptied, 11@1']);
  });

  it('makes nothing durable by a write from before the log was emptied (A-B-A)', () => {
    const node = follower();
    receiveAppend(node, { term: 1, prev: '5@1', entries: '6@1 7@1 8@1 9@1' }).flush();
    node.snapshot('b', '7@2');
    receiveAppend(node, { term: 2, prev: '7@2', entries: '8@2 9@2' }).flush();
    node.persisted(1);
    expect(node.state.disk.durableIndex).toBe(0);
    node.persisted(2);
    expect(node.state.disk.durableIndex).toBe(7);
    node.persisted(3);
    expect(node.state.disk.durableIndex).toBe(9);
  });

  it('takes a second snapshot before the first is on disk', () => {
    const node = follower();
    node.snapshot('b', '9@1');
    expect(told(node.snapshot('b', '12@1'))).toEqual(['b appendReply t1 matched=12, after 2']);
    expect(machine(node.persisted(1))).toEqual([]);
    expect(machine(node.persisted(2))).toEqual(['install 12']);
  });

  it('keeps entries that are still under way to the disk', () => {
    const node = follower();
    receiveAppend(node, { term: 1, prev: '5@1', entries: '6@1 7@1' }).flush();
    expect(written(node.snapshot('b', '6@1'))).toEqual(['2: t1 c5, 6@1 kept']);
    node.persisted(1);
    expect(node.state.disk.durableIndex).toBe(7);
  });
});

describe('R8: a torn write that brings a snapshot', () => {
  const setup = { log: '1@1 2@1 3@1 4@1 5@1', commit: 2 };
  const parts = {
    'nothing of it': 0,
    'its hard state': 1,
    'its base': 2,
    'its first entry': 4,
    'all of it': 9,
  };
  const emptied = ['0@0 1@1 2@1 3@1 4@1 5@1, commit 2', '0@0 1@1 2@1 3@1 4@1 5@1, commit 2', '9@3, commit 9'];
  const expected = [...emptied, '9@3 10@3, commit 9', '9@3 10@3 11@3, commit 9'];

  for (const [at, [name, count]] of Object.entries(parts).entries()) {
    it(`leaves a disk that a node starts on: ${name}`, () => {
      const node = follower().step(snapshotReceived('b', '9@3'));
      const effects = receiveAppend(node, { term: 3, prev: '9@3', entries: '10@3 11@3' }).flush();
      expect(afterCrash(setup, effects, 0, count)).toBe(expected[at]);
    });
  }

  it('leaves the log before, whose commit index never falls', () => {
    const node = follower();
    receiveAppend(node, { term: 1, prev: '5@1', commit: 4 }).flush();
    receiveAppend(node, { term: 2, prev: '5@1', commit: 4 }).flush();
    const effects = node.effects.concat(node.snapshot('b', '9@3'));
    expect(afterCrash(setup, effects, 1, 1)).toBe('0@0 1@1 2@1 3@1 4@1 5@1, commit 4');
  });

  it('raises the commit index of a node that starts to the base, which its hard state does not tell of', () => {
    const node = new TestNode({ base: '5@2', log: '6@2 7@2', commit: 1 });
    expect(node.state.commitIndex).toBe(5);
  });
});

describe('R2: the answer to a snapshot', () => {
  it('waits for the write, and not for the machine', () => {
    const node = follower();
    expect(told(node.snapshot('b', '9@1'))).toEqual(['b appendReply t1 matched=9, after 1']);
    expect(machine(node.persistAll())).toEqual(['install 9']);
    expect(told(node.snapshot('b', '9@1'))).toEqual(['b appendReply t1 matched=9, at once']);
  });

  it('does not swallow the round of a heartbeat in the same turn', () => {
    const node = receiveAppend(follower(), { term: 1, prev: '5@1', round: 4 });
    expect(told(node.snapshot('b', '9@1'))).toEqual([
      'b roundReply t1 round=4, at once',
      'b appendReply t1 matched=5, after 1',
      'b appendReply t1 matched=9, after 1',
    ]);
  });
});

describe('R33: the machine', () => {
  it('is handed the snapshot once that is on disk', () => {
    const node = follower();
    expect(machine(node.snapshot('b', '9@1'))).toEqual([]);
    expect(machine(node.persistAll())).toEqual(['install 9']);
  });

  // What the snapshot holds, a node that starts finds in its log as well.
  it('is handed the snapshot at once where all that it stands for is on disk as entries', () => {
    const node = follower();
    expect(machine(node.snapshot('b', '4@1'))).toEqual(['install 4']);
  });

  it('is handed the snapshot when it has done what it was handed before', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 2 });
    expect(machine(node.flush())).toEqual(['apply 1 2']);
    node.snapshot('b', '9@1');
    expect(machine(node.persistAll())).toEqual([]);
    expect(machine(node.applied(1))).toEqual([]);
    expect(machine(node.applied(2))).toEqual(['install 9']);
  });

  it('is handed entries from behind the snapshot when it has installed that', () => {
    const node = follower().step(snapshotReceived('b', '9@1'));
    receiveAppend(node, { term: 1, prev: '9@1', entries: '10@1 11@1', commit: 10 }).flush();
    expect(machine(node.persistAll())).toEqual(['install 9']);
    expect(node.flush()).toEqual([]);
    expect(machine(node.applied(9))).toEqual(['apply 10']);
  });

  it('is handed a second snapshot when it has installed the first', () => {
    const node = follower();
    node.snapshot('b', '9@1');
    expect(machine(node.persistAll())).toEqual(['install 9']);
    node.snapshot('b', '12@1');
    expect(machine(node.persistAll())).toEqual([]);
    expect(machine(node.applied(9))).toEqual(['install 12']);
  });

  it('is not handed a snapshot that another took the place of', () => {
    const node = follower();
    node.snapshot('b', '9@1');
    node.snapshot('b', '12@1');
    expect(machine(node.persistAll())).toEqual(['install 12']);
    expect(machine(node.applied(12))).toEqual([]);
  });

  it('is handed nothing of what was read for it before', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1 4@1', commit: 2, tailLength: 1 });
    expect(only(node.flush(), 'fetch')).toMatchObject([{ from: 1, through: 2 }]);
    node.effects.length = 0;
    node.snapshot('b', '3@1');
    node.persistAll();
    const late: readonly Entry[] = entries('1@1 2@1');
    node.input({ kind: 'fetched', peer: null, from: logIndex(1), entries: late });
    expect(machine(node.effects)).toEqual(['install 3']);
  });

  it('is handed the snapshot of the disk first when the node starts, and at once', () => {
    const node = new TestNode({ base: '5@2', log: '6@2 7@3', commit: 6 });
    expect(machine(node.flush())).toEqual(['install 5']);
    expect(node.state.appliedIndex).toBe(0);
    expect(machine(node.applied(5))).toEqual(['apply 6']);
  });
});

describe('R21: the configuration of a snapshot', () => {
  it('is in force with its own index', () => {
    const node = follower();
    node.snapshot('b', baseOf('9@1', 'a b d', 7));
    expect(inForce(node.state)).toBe('a b d @7');
    expect(only(node.effects, 'changed').at(-1)).toMatchObject({ status: { configurationIndex: 7 } });
  });

  it('is in force again where a later one is rolled back', () => {
    const node = follower();
    node.snapshot('b', baseOf('9@1', 'a b d', 7));
    const entry: Entry = {
      index: logIndex(10),
      term: term(1),
      kind: 'configuration',
      data: new Uint8Array(0),
      configuration: configured('a b d e from a b d'),
    };
    const message = { ...append({ term: 1, prev: '9@1' }), entries: [entry] };
    node.input({ kind: 'receive', from: nodeId('b'), message });
    expect(inForce(node.state)).toBe('a b d e from a b d @10');
    receiveAppend(node, { term: 2, prev: '9@1', entries: '10@2' }, 'd').flush();
    expect(inForce(node.state)).toBe('a b d @7');
  });

  it('may be joint', () => {
    const node = follower();
    node.snapshot('b', {
      ...baseOf('9@1'),
      configuration: configured('a b d from a b c'),
      configurationIndex: logIndex(8),
    });
    expect(inForce(node.state)).toBe('a b d from a b c @8');
  });

  it('is what a node that joins learns first', () => {
    const node = joining();
    node.snapshot('b', {
      ...baseOf('9@1'),
      configuration: configured('a b c, learner d'),
      configurationIndex: logIndex(8),
    });
    expect(inForce(node.state)).toBe('a b c, learner d @8');
  });

  it('tells a node that it was removed', () => {
    const node = follower();
    node.snapshot('b', {
      ...baseOf('9@1'),
      configuration: configured('b c, removed a'),
      configurationIndex: logIndex(8),
    });
    expect(only(node.effects, 'changed').at(-1)).toMatchObject({ status: { isRemoved: true } });
  });
});
