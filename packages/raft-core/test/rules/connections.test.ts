/** What a leader makes of a connection that is new. Source: rules R10, R13. */

import { describe, expect, it } from 'vitest';
import { dump, logIndex, nodeId } from '../../src/index.ts';
import type { Input } from '../../src/index.ts';
import { appendRefusal, entries, only, preVoteReply } from '../support/messages.ts';
import { TestNode, type TestNodeSetup } from '../support/test-node.ts';
import { told } from '../support/told.ts';

/** A leader of term 1 whose peers have all that it has. */
function settled(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode(setup).elect();
  node.matched('b', 1);
  node.matched('c', 1);
  node.elapse(5);
  return node;
}

function connects(peer: string): Input {
  return { kind: 'peerConnected', peer: nodeId(peer) };
}

describe('R13: a leader speaks at once to a peer that connects', () => {
  it('with a heartbeat where there is nothing else to say, and to that peer alone', () => {
    expect(told(settled().connected('b'))).toEqual(['b append t1 prev=1@1 [], at once']);
  });

  it('with the entries that it lacks where there are some', () => {
    const node = settled();
    node.disconnected('b', false);
    node.propose(1);
    expect(told(node.connected('b'))).toEqual(['b append t1 prev=1@1 [2@1], at once']);
  });

  it('once for each connection, and then at the next heartbeat', () => {
    const node = settled();
    node.connected('b');
    expect(told(node.flush())).toEqual([]);
    expect(told(node.elapse(50))).toEqual([]);
    expect(told(node.connected('b'))).toHaveLength(1);
    expect(told(node.elapse(50), 'b')).toEqual(['b append t1 prev=1@1 [], at once']);
  });

  it('once, however often it connects within a turn', () => {
    const node = settled();
    for (const input of [connects('b'), connects('b'), connects('b')]) node.step(input);
    expect(told(node.flush())).toHaveLength(1);
  });

  it('once, where the connection before ends in the same turn', () => {
    const node = settled();
    node.step({ kind: 'peerDisconnected', peer: nodeId('b'), processGone: true });
    expect(told(node.input(connects('b')))).toHaveLength(1);
  });

  it('once, where a heartbeat is due in the same turn', () => {
    const node = settled();
    node.nowMs = 100;
    expect(told(node.connected('b'), 'b')).toEqual(['b append t1 prev=1@1 [], at once']);
  });

  it('and takes what was under way for lost, also where no end of the connection before was told', () => {
    const node = settled();
    node.propose(1);
    node.propose(2);
    expect(node.progress('b').flow).toEqual({ kind: 'replicating', inFlight: [2, 3] });
    expect(told(node.connected('b'))).toEqual(['b append t1 prev=1@1 [2@1 3@1], at once']);
    expect(node.progress('b')).toMatchObject({ matchIndex: 1, flow: { kind: 'probing', sentThrough: 3 } });
  });

  it('and repeats a probe under way with its batch, at the same place', () => {
    const node = new TestNode({ log: '1@1 2@1' }).elect();
    expect(told(node.connected('b'))).toEqual(['b append t2 prev=2@1 [3@2], at once']);
    expect(told(node.propose(1), 'b')).toEqual([]);
  });

  it('and goes on with the one reading of what the peer lacks', () => {
    const node = new TestNode({ log: '1@1 2@1 3@2', tailLength: 1 }).elect();
    expect(only(node.receive('b', appendRefusal(3, 3, '0@0')), 'fetch')).toHaveLength(1);
    const effects = node.connected('b');
    expect(only(effects, 'fetch')).toEqual([]);
    expect(told(effects)).toEqual(['b append t3 prev=0@0 [], at once']);
    const read = entries('1@1');
    expect(
      told(node.input({ kind: 'fetched', peer: nodeId('b'), from: logIndex(1), entries: read })),
    ).toEqual(['b append t3 prev=0@0 [1@1], at once']);
  });

  it('with what was read for it in the same turn, and nothing beside it', () => {
    const node = new TestNode({ log: '1@1 2@1 3@2', tailLength: 1 }).elect();
    node.receive('b', appendRefusal(3, 3, '0@0'));
    node.step(connects('b'));
    const fetched = {
      kind: 'fetched',
      peer: nodeId('b'),
      from: logIndex(1),
      entries: entries('1@1'),
    } as const;
    expect(told(node.input(fetched))).toEqual(['b append t3 prev=0@0 [1@1], at once']);
  });
});

describe('R13: a connection is no answer', () => {
  it('moves nothing but the flow: neither match nor round, nor when the peer was last heard', () => {
    const node = settled();
    const before = node.progress('b');
    node.nowMs += 10;
    node.connected('b');
    expect(node.progress('b')).toEqual({ ...before, flow: { kind: 'probing', sentThrough: null } });
  });

  it('does not keep a leader in office that nobody answers', () => {
    const node = settled();
    for (let waited = 0; waited < 1000; waited += 100) {
      expect(node.state.role.kind).toBe('leader');
      node.connected('b');
      node.connected('c');
      node.elapse(100);
    }
    expect(node.state.role.kind).toBe('follower');
  });

  it('changes nothing on a node that does not lead', () => {
    const candidate = new TestNode();
    candidate.input({ kind: 'campaign' });
    const nodes = [new TestNode(), candidate];
    for (const node of nodes) {
      const before = dump(node.state);
      expect(node.connected('b')).toEqual([]);
      expect(dump(node.state)).toEqual(before);
    }
    candidate.receive('b', preVoteReply(1, true));
    expect(candidate.state.role.kind).toBe('candidate');
    const before = dump(candidate.state);
    expect(candidate.connected('c')).toEqual([]);
    expect(dump(candidate.state)).toEqual(before);
  });

  it('of a stranger, or of the node to itself, is nothing', () => {
    const node = settled();
    const before = dump(node.state);
    for (const peer of ['z', 'a']) expect(node.connected(peer)).toEqual([]);
    expect(dump(node.state)).toEqual(before);
  });
});
