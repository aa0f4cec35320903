/** Peers cannot stop a node, nor make it forget. Source: rule R7. */

import { describe, expect, it } from 'vitest';
import { dump, nodeId } from '../../src/index.ts';
import type { Message, NodeState } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  appendReply,
  only,
  preVoteReply,
  preVoteRequest,
  roundReply,
  sent,
  voteReply,
  voteRequest,
} from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';

/** All that must stay as it was where a peer broke the protocol. */
function rest(state: NodeState): unknown {
  return dump({ ...state, peerFault: null, handedStatus: { ...state.handedStatus, peerFault: null } });
}

/** What `message` from `from` is blamed for, where it changes nothing else and is not answered. */
function blamed(node: TestNode, from: string, message: Message): unknown {
  node.flush();
  const before = rest(node.state);
  const effects = node.receive(from, message);
  expect(rest(node.state)).toEqual(before);
  expect(sent(effects)).toEqual([]);
  expect(only(effects, 'changed')).toMatchObject([{ status: { peerFault: node.state.peerFault } }]);
  return node.state.peerFault;
}

describe('R7: what breaks the protocol is refused, changes nothing and is named', () => {
  it('refuses a second leader of a term', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1' }));
    expect(blamed(node, 'c', append({ term: 1, entries: '1@1' }))).toEqual({
      peer: 'c',
      fault: 'second-leader',
      count: 1,
    });
  });

  it('refuses a second leader where it leads itself', () => {
    expect(blamed(new TestNode().elect(), 'b', append({ term: 1, entries: '1@1' }))).toEqual({
      peer: 'b',
      fault: 'second-leader',
      count: 1,
    });
  });

  it('still knows the term’s leader after a hint that it is gone', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1 }));
    node.disconnected('b', true);
    expect(blamed(node, 'c', append({ term: 1 }))).toEqual({ peer: 'c', fault: 'second-leader', count: 1 });
  });

  it('refuses an entry that differs at or below its commit index', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 2 });
    expect(blamed(node, 'b', append({ term: 2, prev: '1@1', entries: '2@2' }))).toEqual({
      peer: 'b',
      fault: 'conflict-below-commit',
      count: 1,
    });
    expect(node.log()).toBe('1@1 2@1 3@1');
  });

  it('refuses a log that parts from its own at or below its commit index', () => {
    const node = new TestNode({ log: '1@2 2@2', commit: 2 });
    expect(blamed(node, 'b', append({ term: 3, prev: '1@1' }))).toEqual({
      peer: 'b',
      fault: 'conflict-below-commit',
      count: 1,
    });
  });

  it('does not adopt the term of a message that it refuses', () => {
    const node = new TestNode({ log: '1@1', commit: 1 });
    expect(blamed(node, 'b', append({ term: 9, entries: '1@9' }))).toEqual({
      peer: 'b',
      fault: 'conflict-below-commit',
      count: 1,
    });
    expect(node.state.currentTerm).toBe(1);
  });

  it('takes a conflict just above its commit index', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 2 });
    node.receive('b', append({ term: 2, prev: '2@1', entries: '3@2' }));
    expect(node.log()).toBe('1@1 2@1 3@2');
    expect(node.state.peerFault).toBeNull();
  });

  it('refuses a match above its own last entry', () => {
    const node = new TestNode({ log: '1@1' }).elect();
    expect(blamed(node, 'b', appendReply(2, 3))).toEqual({ peer: 'b', fault: 'match-above-log', count: 1 });
    node.matched('b', 2);
    expect(node.state.peerFault?.count).toBe(1);
    expect(node.progress('b').matchIndex).toBe(2);
  });

  it('refuses the echo of a round that was never begun', () => {
    for (const reply of [appendReply(1, 1, 9), appendRefusal(1, 0, '0@0', 9), roundReply(1, 9)])
      expect(blamed(new TestNode().elect(), 'b', reply)).toEqual({
        peer: 'b',
        fault: 'round-ahead',
        count: 1,
      });
  });

  it('does not count a refused answer as a sign of life', () => {
    const node = new TestNode().elect();
    node.nowMs = 900;
    node.receive('b', appendReply(1, 99));
    node.receive('c', roundReply(1, 99));
    node.elapse(100);
    expect(node.state.role.kind).toBe('follower');
  });

  it('counts the faults of all peers', () => {
    const node = new TestNode().elect();
    expect(blamed(node, 'b', appendReply(1, 9))).toEqual({ peer: 'b', fault: 'match-above-log', count: 1 });
    expect(blamed(node, 'c', append({ term: 1 }))).toEqual({ peer: 'c', fault: 'second-leader', count: 2 });
  });

  it('commits as a follower only what the message vouches for', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1' });
    node.receive('b', append({ term: 2, prev: '1@1', commit: 3 }));
    expect(node.state.commitIndex).toBe(1);
    node.receive('b', append({ term: 2, prev: '1@1', entries: '2@1', commit: 3 }));
    expect(node.state.commitIndex).toBe(2);
    node.receive('b', append({ term: 2, prev: '2@1', entries: '3@2', commit: 2 }));
    expect(node.state.commitIndex).toBe(2);
  });

  it('never lowers its commit index for a leader that knows less', () => {
    const node = new TestNode({ log: '1@1 2@1', commit: 2 });
    node.receive('b', append({ term: 2, prev: '2@1', commit: 1 }));
    expect(node.state.commitIndex).toBe(2);
  });

  it('keeps a longer log that is not in conflict', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1' });
    const effects = node.receive('b', append({ term: 1, prev: '0@0', entries: '1@1 2@1' }));
    expect(node.log()).toBe('1@1 2@1 3@1');
    expect(only(effects, 'persist')).toEqual([]);
  });
});

describe('R7: strangers', () => {
  const REQUESTS = [append({ term: 9, entries: '1@9', commit: 1 }), voteRequest(9), preVoteRequest(9)];
  const REPLIES = [
    appendReply(9, 1),
    appendRefusal(9, 0, '0@0'),
    roundReply(9, 1),
    voteReply(9, true),
    preVoteReply(9, false),
  ];

  for (const message of REPLIES) {
    it(`drops a ${message.kind} of a node that was never asked, and of itself`, () => {
      for (const node of [new TestNode(), new TestNode().elect()]) {
        node.flush();
        const before = dump(node.state);
        for (const from of ['z', 'a']) expect(node.receive(from, message)).toEqual([]);
        expect(dump(node.state)).toEqual(before);
      }
    });
  }

  for (const message of REQUESTS) {
    it(`answers a ${message.kind}: its sender's configuration may be the newer one (R24)`, () => {
      const node = new TestNode();
      node.receive('z', message);
      node.persistAll();
      expect(sent(node.effects, 'z').map((send) => send.message.term)).toEqual([9]);
      expect(node.receive('a', message)).toEqual([]);
    });
  }

  it('takes the loss of a stranger for nothing', () => {
    const node = new TestNode().elect();
    const before = dump(node.state);
    node.step({ kind: 'peerDisconnected', peer: nodeId('z'), processGone: true });
    expect(dump(node.state)).toEqual(before);
  });
});
