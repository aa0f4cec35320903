/** A peer that lacks what the log has let go is sent the snapshot. Source: rule R33; Raft §7. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId, progressOf, type Message } from '../../src/index.ts';
import { append, appendRefusal, appendReply, entries, only, roundReply } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { streams, told } from '../support/told.ts';

const OPTIONS = { snapshotTimeoutMs: 5000, heartbeatMs: 100 };

/** Leads term 3 with 8@3, behind the base 5@2; its heartbeats name what it has. */
function leader(): TestNode {
  const node = new TestNode({ base: '5@2', log: '6@2 7@2', options: OPTIONS });
  node.flush();
  node.applied(5);
  return node.elect();
}

/** Holds 6@2 and 7@2 behind 5@2, all of it committed up to 6. */
function follower(): TestNode {
  return new TestNode({ base: '5@2', log: '6@2 7@2', commit: 6 });
}

/** `b` has said that it holds nothing of the log, and is being sent the snapshot. */
function sending(): TestNode {
  const node = leader();
  expect(streams(node.receive('b', appendRefusal(3, 7, '0@0')))).toEqual(['b 5@2']);
  return node;
}

function flowOf(node: TestNode, peer: string): string {
  const { flow, matchIndex, nextIndex } = node.progress(peer);
  return `${flow.kind}, match ${matchIndex}, next ${nextIndex}`;
}

/** Lets `ms` pass in steps of a heartbeat, in which `c` answers, and `b` by `answer`. */
function pass(node: TestNode, ms: number, answer: () => Message | null = () => null): TestNode {
  node.effects.length = 0;
  for (let passed = 0; passed < ms; passed += 100) {
    node.elapse(100);
    node.receive('c', roundReply(3, node.leader().round));
    const reply = answer();
    if (reply !== null) node.receive('b', reply);
  }
  return node;
}

describe('R33: a peer that lacks what only a snapshot holds', () => {
  it('is sent the snapshot of the base, once', () => {
    const node = sending();
    expect(flowOf(node, 'b')).toBe('snapshot, match 0, next 6');
    expect(progressOf(node.state)[0]).toMatchObject({ id: 'b', flow: 'snapshot' });
    expect(streams(node.receive('b', appendRefusal(3, 7, '0@0')))).toEqual([]);
    expect(streams(pass(node, 2000).effects)).toEqual([]);
  });

  it('is sent the snapshot where its log differs at the base, or has only an earlier term', () => {
    expect(streams(leader().receive('b', appendRefusal(3, 7, '5@1')))).toEqual(['b 5@2']);
    expect(streams(leader().receive('b', appendRefusal(3, 7, '4@2')))).toEqual(['b 5@2']);
  });

  it('is asked about the base first where its log may agree there', () => {
    const node = leader();
    expect(told(node.receive('b', appendRefusal(3, 7, '5@2')))).toEqual([
      'b append t3 prev=5@2 [6@2 7@2 8@3], at once',
    ]);
    expect(streams(node.receive('b', appendRefusal(3, 5, '4@2')))).toEqual(['b 5@2']);
  });

  it('hears heartbeats meanwhile, which name the base and bring no entries', () => {
    expect(told(pass(sending(), 200).effects, 'b')).toEqual([
      'b append t3 prev=5@2 [], at once',
      'b append t3 prev=5@2 [], at once',
    ]);
  });

  it('is sent no entries meanwhile, whatever is proposed', () => {
    const node = sending();
    expect(told(node.propose(1), 'b')).toEqual([]);
  });

  for (const [prevIndex, hint] of [
    [5, '0@0'],
    [7, '3@1'],
    [7, '6@2'],
  ] as const) {
    it(`only counts as heard meanwhile where it refuses ${prevIndex} with ${hint}`, () => {
      const node = sending();
      node.nowMs += 50;
      const effects = node.receive('b', appendRefusal(3, prevIndex, hint));
      expect(streams(effects)).toEqual([]);
      expect(told(effects)).toEqual([]);
      expect(flowOf(node, 'b')).toBe('snapshot, match 0, next 6');
      expect(node.progress('b').lastReplyMs).toBe(node.nowMs);
    });
  }

  it('is sent entries as soon as it says that it holds the base', () => {
    const node = sending();
    expect(told(node.matched('b', 5), 'b')).toEqual(['b append t3 prev=5@2 [6@2 7@2 8@3], at once']);
    expect(flowOf(node, 'b')).toBe('replicating, match 5, next 9');
  });

  it('may be found further than thought', () => {
    const node = sending();
    expect(told(node.matched('b', 7), 'b')).toEqual(['b append t3 prev=7@2 [8@3], at once']);
    expect(flowOf(node, 'b')).toBe('replicating, match 7, next 9');
  });

  it('is blamed where it says that it holds what the log has not', () => {
    const node = sending();
    node.matched('b', 9);
    expect(node.state.peerFault).toMatchObject({ peer: 'b', fault: 'match-above-log' });
    expect(flowOf(node, 'b')).toBe('snapshot, match 0, next 6');
  });

  it('goes on being sent the snapshot where it holds less than the base', () => {
    const node = sending();
    expect(told(node.matched('b', 4), 'b')).toEqual([]);
    expect(flowOf(node, 'b')).toBe('snapshot, match 4, next 6');
  });

  it('counts for the commit with what it says', () => {
    const node = sending();
    node.matched('b', 5);
    node.matched('b', 8);
    expect(node.state.commitIndex).toBe(8);
  });
});

describe('R33: the end of a stream', () => {
  it('after the answer changes nothing', () => {
    const node = sending();
    node.matched('b', 5);
    expect(node.snapshotSent('b', true)).toEqual([]);
    expect(node.snapshotSent('b', false)).toEqual([]);
    expect(flowOf(node, 'b')).toBe('replicating, match 5, next 9');
  });

  it('delivered, gives the peer an election timeout to answer', () => {
    const node = sending();
    expect(streams(node.snapshotSent('b', true))).toEqual([]);
    pass(node, 900, () => appendRefusal(3, 5, '0@0', node.leader().round));
    expect(streams(node.effects)).toEqual([]);
    expect(told(node.matched('b', 5), 'b')).toEqual(['b append t3 prev=5@2 [6@2 7@2 8@3], at once']);
  });

  it('delivered without an answer, asks the peer about the base, and sends it again', () => {
    const node = sending();
    node.snapshotSent('b', true);
    pass(node, 1000, () => appendRefusal(3, 5, '0@0', node.leader().round));
    expect(streams(node.effects)).toEqual(['b 5@2']);
  });

  it('not delivered, asks the peer with the next heartbeat', () => {
    const node = sending();
    expect(told(node.snapshotSent('b', false), 'b')).toEqual([]);
    expect(flowOf(node, 'b')).toBe('probing, match 0, next 6');
    expect(told(pass(node, 100).effects, 'b')).toEqual(['b append t3 prev=5@2 [], at once']);
    expect(streams(node.receive('b', appendRefusal(3, 5, '0@0')))).toEqual(['b 5@2']);
  });

  it('that never comes is taken for lost after snapshotTimeoutMs', () => {
    const node = sending();
    pass(node, 4900);
    expect(flowOf(node, 'b')).toBe('snapshot, match 0, next 6');
    pass(node, 100);
    expect(flowOf(node, 'b')).toBe('probing, match 0, next 6');
    expect(streams(node.receive('b', appendRefusal(3, 5, '0@0')))).toEqual(['b 5@2']);
  });

  it('of a peer that is sent none changes nothing', () => {
    const node = leader();
    expect(node.snapshotSent('b', false)).toEqual([]);
    expect(node.snapshotSent('z', true)).toEqual([]);
  });

  it('after office was lost changes nothing', () => {
    const node = sending();
    node.receive('c', append({ term: 4 }));
    expect(node.snapshotSent('b', false)).toEqual([]);
    expect(node.state.role).toMatchObject({ kind: 'follower', leader: 'c' });
  });

  it('asks to be woken when it is taken for lost', () => {
    const node = new TestNode({ base: '5@2', log: '6@2', options: { snapshotTimeoutMs: 30 } }).elect();
    node.receive('b', appendRefusal(3, 6, '0@0'));
    expect(node.wakeAtMs).toBe(node.nowMs + 30);
    node.wake();
    expect(flowOf(node, 'b')).toBe('probing, match 0, next 6');
  });
});

describe('R10: a connection, while a snapshot is under way', () => {
  for (const [name, lose] of Object.entries({
    'that is lost': (node: TestNode) => node.disconnected('b', false),
    'that is new': (node: TestNode) => node.connected('b'),
  })) {
    it(`${name} has the peer asked about the base`, () => {
      const node = sending();
      expect(told(lose(node), 'b')).toEqual(['b append t3 prev=5@2 [6@2 7@2 8@3], at once']);
      expect(streams(node.receive('b', appendRefusal(3, 5, '0@0')))).toEqual(['b 5@2']);
    });
  }

  it('of another peer means nothing to it', () => {
    const node = sending();
    node.disconnected('c', false);
    expect(flowOf(node, 'b')).toBe('snapshot, match 0, next 6');
  });
});

describe('R7: an append that begins before the base', () => {
  it('is taken from the base on, and answered with what it vouches for', () => {
    const node = follower();
    const message = append({ term: 2, prev: '3@1', entries: '4@2 5@2 6@2 7@2 8@2', commit: 8 });
    expect(told(node.receive('b', message), 'b')).toEqual(['b appendReply t2 matched=8, after 1']);
    expect(node.log()).toBe('6@2 7@2 8@2');
    expect(node.state.commitIndex).toBe(8);
  });

  it('is answered with the base where it ends before or at that', () => {
    for (const sentEntries of ['', '4@2', '4@2 5@2']) {
      const message = append({ term: 2, prev: '3@1', entries: sentEntries, commit: 8 });
      const node = follower();
      expect(told(node.receive('b', message), 'b')).toEqual(['b appendReply t2 matched=5, at once']);
      expect(node.log()).toBe('6@2 7@2');
      expect(node.state.commitIndex).toBe(6);
    }
  });

  it('cuts what differs from it above the commit index', () => {
    const node = follower();
    const message = append({ term: 3, prev: '4@2', entries: '5@2 6@2 7@3' });
    expect(told(node.receive('b', message), 'b')).toEqual(['b appendReply t3 matched=7, after 1']);
    expect(node.log()).toBe('6@2 7@3');
  });

  for (const [prev, sentEntries] of [
    ['3@1', '4@1 5@1'],
    ['3@1', '4@1 5@3'],
    ['4@2', '5@3 6@3'],
    ['5@1', '6@2'],
    ['4@2', '5@2 6@3'],
  ] as const) {
    it(`is blamed, and changes nothing, where it has another entry at or below the commit index: ${prev} ${sentEntries}`, () => {
      const node = follower();
      const { log, currentTerm } = node.state;
      expect(told(node.receive('b', append({ term: 3, prev, entries: sentEntries })))).toEqual([]);
      expect(node.state.peerFault).toMatchObject({ peer: 'b', fault: 'conflict-below-commit' });
      expect(node.state.log).toBe(log);
      expect(node.state.currentTerm).toBe(currentTerm);
    });
  }

  it('is refused where it begins above the log, with a hint that is not before the base', () => {
    const node = follower();
    const effects = node.receive('b', append({ term: 3, prev: '9@1' }));
    expect(only(effects, 'send').map(({ message }) => message)).toMatchObject([
      { kind: 'appendRefusal', prevIndex: 9, hintIndex: 5, hintTerm: 2 },
    ]);
  });
});

describe('R10: an answer about what lies before the base', () => {
  it('that a peer matches it moves its match, and no more', () => {
    const node = leader();
    node.receive('b', appendReply(3, 3));
    expect(flowOf(node, 'b')).toBe('probing, match 3, next 8');
  });

  it('of a peer that streams and lost its log has it sent the snapshot', () => {
    const node = leader();
    node.matched('b', 7);
    expect(flowOf(node, 'b')).toContain('replicating');
    // It says that it lost what it held: its match stands, and is above the base.
    expect(streams(node.receive('b', appendRefusal(3, 8, '0@0')))).toEqual([]);
    expect(flowOf(node, 'b')).toBe('probing, match 7, next 8');
  });

  it('that was being read for a peer is dropped', () => {
    const node = sending();
    const late = entries('6@2');
    expect(node.input({ kind: 'fetched', peer: nodeId('b'), from: logIndex(6), entries: late })).toEqual([]);
  });
});
