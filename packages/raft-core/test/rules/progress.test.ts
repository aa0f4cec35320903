/** What a leader believes of its peers, and sends them for it. Source: rule R10; Raft §5.3; Diss. §10.2.2. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId, ref } from '../../src/index.ts';
import { appendRefusal, appendReply, entries, only, roundReply } from '../support/messages.ts';
import { TestNode, type TestNodeSetup } from '../support/test-node.ts';
import { told } from '../support/told.ts';

/** A leader of term 1 to which `b` replicates, its no-op matched. */
function replicating(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode(setup).elect();
  node.matched('b', node.state.commitIndex + 1);
  expect(node.progress('b').flow.kind).toBe('replicating');
  return node;
}

describe('R10: where a leader begins, and begins again', () => {
  it('has one append under way to a probing peer, with one batch', () => {
    const node = new TestNode().elect();
    expect(node.progress('b').flow).toEqual({ kind: 'probing', sentThrough: 1 });
    expect(told(node.propose(1), 'b')).toEqual([]);
  });

  it('repeats a probe empty with each heartbeat, naming the same place', () => {
    const node = new TestNode({ log: '1@1' }).elect();
    expect(told(node.elapse(100), 'b')).toEqual(['b append t2 prev=1@1 [], at once']);
    expect(told(node.elapse(100), 'b')).toEqual(['b append t2 prev=1@1 [], at once']);
  });

  it('sends a batch once to a peer whose disk is slow, and after it what is new', () => {
    const node = new TestNode({ log: '1@1 2@1' }).elect();
    node.effects.length = 0;
    for (let heartbeat = 0; heartbeat < 5; heartbeat += 1) {
      node.matched('b', 2);
      node.matched('c', 3);
      node.elapse(100);
    }
    expect(told(node.effects, 'b').filter((line) => !line.includes('[]'))).toEqual([]);
    expect(node.progress('b')).toMatchObject({ nextIndex: 4, flow: { kind: 'replicating', inFlight: [3] } });
    expect(told(node.propose(1), 'b')).toEqual(['b append t2 prev=3@2 [4@2], at once']);
  });

  it('finds a batch that a probe lost with the next heartbeat', () => {
    const node = new TestNode({ log: '1@1 2@1' }).elect();
    node.matched('b', 2);
    expect(told(node.elapse(100), 'b')).toEqual(['b append t2 prev=3@2 [], at once']);
    expect(told(node.receive('b', appendRefusal(2, 3, '2@1')), 'b')).toEqual([
      'b append t2 prev=2@1 [3@2], at once',
    ]);
  });

  it('streams from the first success at the place it asked about, match 0 too', () => {
    const node = new TestNode().elect();
    expect(told(node.matched('b', 0), 'b')).toEqual([]);
    expect(told(node.propose(1), 'b')).toEqual(['b append t1 prev=1@1 [2@1], at once']);
  });

  it('does not stream at a success below the place it asks about', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1' }).elect();
    node.matched('b', 1);
    expect(node.progress('b')).toMatchObject({ matchIndex: 1, nextIndex: 4, flow: { kind: 'probing' } });
  });

  it('names the last entry sent in an empty append, so that a lost one is refused and found', () => {
    const node = replicating();
    node.propose(1);
    expect(told(node.elapse(100), 'b')).toEqual(['b append t1 prev=2@1 [], at once']);
    const effects = node.receive('b', appendRefusal(1, 2, '1@1'));
    expect(told(effects, 'b')).toEqual(['b append t1 prev=1@1 [2@1], at once']);
  });

  it('sends a heartbeat that is due ahead of entries, whose answer waits for the peer’s disk', () => {
    const node = replicating();
    node.nowMs = 100;
    expect(told(node.propose(1), 'b')).toEqual([
      'b append t1 prev=1@1 [], at once',
      'b append t1 prev=1@1 [2@1], at once',
    ]);
    expect(told(node.propose(2), 'b')).toEqual(['b append t1 prev=2@1 [3@1], at once']);
  });

  it('puts a peer that was disconnected back to probing just after its match, with an empty window', () => {
    const node = replicating();
    node.propose(1);
    node.propose(2);
    expect(node.progress('b').flow).toEqual({ kind: 'replicating', inFlight: [2, 3] });
    const effects = node.disconnected('b', false);
    expect(node.progress('b')).toMatchObject({ matchIndex: 1, nextIndex: 2 });
    expect(told(effects, 'b')).toEqual(['b append t1 prev=1@1 [2@1 3@1], at once']);
    expect(node.progress('c').flow.kind).toBe('probing');
  });

  it('puts back only the peer that was disconnected', () => {
    const node = replicating();
    node.matched('c', 1);
    node.disconnected('b', true);
    expect(node.progress('c').flow.kind).toBe('replicating');
    expect(node.progress('b').flow.kind).toBe('probing');
  });

  it('asks a probed peer that was disconnected about the same place again, not about the whole log', () => {
    const node = new TestNode({ log: '1@1 2@1' }).elect();
    expect(told(node.disconnected('b', false), 'b')).toEqual(['b append t2 prev=2@1 [3@2], at once']);
  });

  it('puts a streaming peer that is silent for an election timeout back to probing', () => {
    const node = replicating();
    node.propose(1);
    node.persistAll();
    for (let waited = 0; waited < 900; waited += 100) {
      node.matched('c', 2);
      node.elapse(100);
    }
    expect(node.progress('b').flow.kind).toBe('replicating');
    node.matched('c', 2);
    const effects = node.elapse(100);
    expect(node.state.role.kind).toBe('leader');
    expect(node.progress('b')).toMatchObject({ nextIndex: 2, flow: { kind: 'probing', sentThrough: 2 } });
    expect(told(effects, 'b')).toEqual(['b append t1 prev=1@1 [2@1], at once']);
  });

  it('keeps to one fetch for a peer that is disconnected while its entries are read', () => {
    const node = new TestNode({ log: '1@1 2@1 3@2', tailLength: 1 }).elect();
    expect(only(node.receive('b', appendRefusal(3, 3, '0@0')), 'fetch')).toHaveLength(1);
    expect(only(node.disconnected('b', false), 'fetch')).toEqual([]);
    const answer = {
      kind: 'fetched',
      peer: nodeId('b'),
      from: logIndex(1),
      entries: entries('1@1'),
    } as const;
    expect(told(node.input(answer), 'b')).toEqual(['b append t3 prev=0@0 [1@1], at once']);
  });
});

describe('R10: what an answer moves', () => {
  it('moves match on a success, never back', () => {
    const node = replicating();
    node.propose(1);
    node.matched('b', 2);
    node.matched('b', 1);
    expect(node.progress('b')).toMatchObject({ matchIndex: 2, nextIndex: 3 });
  });

  it('never moves match on a hint', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1' }).elect();
    node.receive('b', appendRefusal(2, 3, '2@1'));
    node.receive('c', appendRefusal(2, 3, '2@1'));
    expect(node.progress('b')).toMatchObject({ matchIndex: 0, nextIndex: 3 });
    expect(node.state.commitIndex).toBe(0);
  });

  it('moves neither match nor window on a roundReply', () => {
    const node = replicating();
    node.propose(1);
    const before = node.progress('b');
    node.nowMs += 10;
    node.receive('b', roundReply(1, 0));
    expect(node.progress('b')).toEqual({ ...before, lastReplyMs: 10 });
  });

  it('passes over a whole term of the peer’s with each refusal', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1 4@4 5@4 6@5 7@5 8@6', term: 7 }).elect();
    // As (e) and (f) of Figure 7: b ends in 6@4 7@4, c in 4@2 5@2 6@3 7@3 8@3.
    expect(told(node.receive('b', appendRefusal(8, 8, '7@4')), 'b')).toEqual([
      'b append t8 prev=5@4 [6@5 7@5 8@6 9@8], at once',
    ]);
    expect(told(node.receive('c', appendRefusal(8, 8, '8@3')), 'c')).toEqual([
      'c append t8 prev=3@1 [4@4 5@4 6@5 7@5 8@6 9@8], at once',
    ]);
  });

  it('takes a hint at most to where its own terms are no higher', () => {
    const node = new TestNode({ log: '1@1 2@4 3@4', term: 4 }).elect();
    expect(told(node.receive('b', appendRefusal(5, 3, '3@2')), 'b')).toEqual([
      'b append t5 prev=1@1 [2@4 3@4 4@5], at once',
    ]);
  });

  it('goes back with each refusal, whatever the hint', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1' }).elect();
    const places = [3, 2, 1].map((prev) => {
      node.receive('b', appendRefusal(2, prev, `${prev}@9`));
      return node.progress('b').nextIndex;
    });
    expect(places).toEqual([3, 2, 1]);
  });

  it('never goes below match, whatever the hint', () => {
    const node = replicating();
    node.propose(1);
    node.receive('b', appendRefusal(1, 2, '0@0'));
    expect(node.progress('b')).toMatchObject({ matchIndex: 1, nextIndex: 2 });
  });

  it('takes a refusal at or below match for old: it was heard, no more', () => {
    const node = replicating();
    node.propose(1);
    const before = node.progress('b');
    node.nowMs += 10;
    expect(told(node.receive('b', appendRefusal(1, 1, '0@0')), 'b')).toEqual([]);
    expect(node.progress('b')).toEqual({ ...before, lastReplyMs: 10 });
  });

  it('takes a refusal of another place than the one it probes for old', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1' }).elect();
    node.receive('b', appendRefusal(2, 3, '1@1'));
    const before = node.progress('b');
    expect(before.nextIndex).toBe(2);
    node.nowMs += 10;
    expect(told(node.receive('b', appendRefusal(2, 3, '0@0')), 'b')).toEqual([]);
    expect(node.progress('b')).toEqual({ ...before, lastReplyMs: 10 });
  });

  it('ignores answers of another term', () => {
    const node = new TestNode({ log: '1@1', term: 3 }).elect();
    const before = node.progress('b');
    node.receive('b', appendReply(3, 2));
    node.receive('b', appendRefusal(3, 1, '0@0'));
    node.receive('b', roundReply(3, 0));
    expect(node.progress('b')).toEqual(before);
  });

  it('commits nothing of an earlier term by counting, until one of its own is (Figure 8)', () => {
    const node = new TestNode({ log: '1@1 2@2', term: 3, voters: 'a b c d e' }).elect();
    node.matched('b', 2);
    node.matched('c', 2);
    expect(node.state.commitIndex).toBe(0);
    node.matched('b', 3);
    expect(node.state.commitIndex).toBe(0);
    node.matched('c', 3);
    expect(node.state.commitIndex).toBe(3);
  });
});

describe('R10: the window', () => {
  it('holds back what exceeds the number of appends under way, until answers come', () => {
    const node = replicating({ options: { inFlightAppendsMax: 2 } });
    const lines = [1, 2, 3, 4].map((number) => told(node.propose(number), 'b'));
    expect(lines.map(({ length }) => length)).toEqual([1, 1, 0, 0]);
    expect(told(node.matched('b', 2), 'b')).toEqual(['b append t1 prev=3@1 [4@1 5@1], at once']);
  });

  it('holds back what exceeds the bytes under way, but lets one entry of any size go', () => {
    const node = replicating({ options: { inFlightBytesMax: 200 } });
    expect(told(node.propose(1, new Uint8Array(1000)), 'b')).toHaveLength(1);
    expect(told(node.propose(2), 'b')).toEqual([]);
    expect(told(node.matched('b', 2), 'b')).toEqual(['b append t1 prev=2@1 [3@1], at once']);
  });

  it('cuts batches at their limit, but never below one entry', () => {
    const node = replicating({ options: { appendBytesMax: 130 } });
    node.step({ kind: 'propose', ref: ref(1), data: new Uint8Array(1) });
    node.step({ kind: 'propose', ref: ref(2), data: new Uint8Array(1) });
    node.step({ kind: 'propose', ref: ref(3), data: new Uint8Array(500) });
    expect(told(node.flush(), 'b')).toEqual([
      'b append t1 prev=1@1 [2@1 3@1], at once',
      'b append t1 prev=3@1 [4@1], at once',
    ]);
  });

  it('holds with what the tail let go: that is read when all that is under way has arrived', () => {
    const options = { inFlightAppendsMax: 1, tailEntriesMax: 1, peerTailBytesMax: 100 };
    const node = replicating({ options });
    node.matched('c', 1);
    node.applied(1);
    for (let index = 2; index <= 5; index += 1) {
      node.propose(index);
      node.persistAll();
      node.matched('c', index);
      expect(only(node.applied(index), 'fetch')).toEqual([]);
    }
    expect(node.state.log.tail.firstIndex).toBe(5);
    expect(node.progress('b')).toMatchObject({ nextIndex: 3, flow: { kind: 'replicating', inFlight: [2] } });
    expect(only(node.matched('b', 2), 'fetch')).toMatchObject([{ peer: 'b', from: 3, through: 4 }]);
  });

  it('finds the place again where all that was under way is lost', () => {
    const node = replicating({ options: { inFlightAppendsMax: 2 } });
    node.propose(1);
    node.propose(2);
    node.propose(3);
    node.elapse(100);
    expect(told(node.receive('b', appendRefusal(1, 3, '1@1')), 'b')).toEqual([
      'b append t1 prev=1@1 [2@1 3@1 4@1], at once',
    ]);
    node.matched('b', 4);
    expect(node.progress('b')).toMatchObject({ nextIndex: 5, flow: { kind: 'replicating', inFlight: [] } });
  });
});
