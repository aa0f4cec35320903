/** What a turn writes, and which message waits for which write. Source: rules R1 to R3; Raft Figure 2; Diss. §10.2.1. */

import { describe, expect, it } from 'vitest';
import { dump, flush, nodeId, step } from '../../src/index.ts';
import {
  append,
  appendReply,
  only,
  preVoteReply,
  preVoteRequest,
  sent,
  voteReply,
  voteRequest,
} from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { recordAfter, told } from '../support/told.ts';

function receiving(from: string, message: Parameters<TestNode['receive']>[1]) {
  return { kind: 'receive', from: nodeId(from), message } as const;
}

function candidate(): TestNode {
  const node = new TestNode({ log: '1@1' });
  node.input({ kind: 'campaign' });
  node.receive('b', preVoteReply(2, true));
  expect(node.state.role.kind).toBe('candidate');
  return node;
}

describe('R1: a turn is a transaction', () => {
  it('hands out one write for all that the steps of a turn decided, and then what rests on it', () => {
    const node = new TestNode();
    node.step(receiving('b', voteRequest(1)));
    node.step(receiving('b', append({ term: 1, entries: '1@1' })));
    node.step(receiving('b', append({ term: 1, prev: '1@1', entries: '2@1' })));
    const effects = node.flush();

    const [write, ...others] = only(effects, 'persist');
    expect(others).toEqual([]);
    expect(write).toMatchObject({
      write: 1,
      hardState: { currentTerm: 1, votedFor: 'b' },
      truncateFrom: null,
    });
    expect(write?.entries.map((entry) => entry.index)).toEqual([1, 2]);
    expect(told(effects)).toEqual(['b voteReply t1 granted, after 1', 'b appendReply t1 matched=2, after 1']);
    expect(effects[0]?.kind).toBe('persist');
  });

  it('hands out nothing twice: a second flush without a step has no effects', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1', commit: 1, round: 1 }));
    expect(node.flush()).toEqual([]);
  });

  it('hands out nothing twice, where the tail leaves a peer behind either', () => {
    const options = { inFlightAppendsMax: 1, tailEntriesMax: 1, peerTailBytesMax: 100 };
    const node = new TestNode({ options }).elect();
    node.matched('b', 1);
    for (let index = 1; index <= 6; index += 1) {
      const turns = [
        () => node.matched('c', index),
        () => node.applied(index),
        () => node.propose(index),
        () => node.persistAll(),
      ];
      for (const turn of turns) {
        turn();
        expect(node.flush()).toEqual([]);
      }
    }
    expect(node.state.log.tail.firstIndex).toBeGreaterThan(node.progress('b').nextIndex);
  });

  it('lets a grant follow the write that says a later term', () => {
    const node = new TestNode({ term: 4 });
    node.step(receiving('b', voteRequest(5)));
    node.step(receiving('c', voteRequest(6)));
    const effects = node.flush();

    expect(only(effects, 'persist')).toMatchObject([{ hardState: { currentTerm: 6, votedFor: 'c' } }]);
    expect(told(effects)).toEqual(['b voteReply t5 granted, after 1', 'c voteReply t6 granted, after 1']);
  });

  it('lets an acknowledgement follow the write that truncated what it acknowledged', () => {
    const node = new TestNode({ log: '1@1' });
    node.step(receiving('b', append({ term: 2, prev: '1@1', entries: '2@2' })));
    node.step(receiving('c', append({ term: 3, prev: '1@1', entries: '2@3' })));
    const effects = node.flush();

    const [write] = only(effects, 'persist');
    expect(write?.entries.map((entry) => entry.term)).toEqual([3]);
    // 2@2 was never handed out, so there is nothing to remove.
    expect(write?.truncateFrom).toBeNull();
    expect(told(effects)).toEqual([
      'b appendReply t2 matched=2, after 1',
      'c appendReply t3 matched=2, after 1',
    ]);
  });

  it('loses a turn whole in a crash before its write', () => {
    const node = new TestNode({ log: '1@1', vote: null });
    const before = dump(node.state);
    const decided = step(node.state, receiving('b', voteRequest(2, '1@1')), 0);
    expect(flush(decided).effects.filter(({ kind }) => kind === 'send')).toMatchObject([{ afterWrite: 1 }]);
    expect(dump(node.state)).toEqual(before);
    expect(recordAfter(flush(decided).effects, 0).hardState).toMatchObject({
      currentTerm: 0,
      votedFor: null,
    });
  });
});

describe('R2: what reports durable state waits for the newest write', () => {
  it('sends a grant after the write that holds the vote', () => {
    const node = new TestNode();
    const effects = node.receive('b', voteRequest(1));
    expect(told(effects)).toEqual(['b voteReply t1 granted, after 1']);
    expect(recordAfter(node.effects, 1).hardState).toMatchObject({ currentTerm: 1, votedFor: 'b' });
  });

  it('gives a node that crashes before its vote is on disk no chance to have voted', () => {
    const node = new TestNode();
    node.receive('b', voteRequest(1));
    const promised = sent(node.effects).filter(({ afterWrite }) => afterWrite === 0);
    expect(promised).toEqual([]);
    expect(recordAfter(node.effects, 0).hardState.votedFor).toBeNull();
  });

  it('lets a repeated grant out no earlier than the write that is still under way', () => {
    const node = new TestNode();
    node.receive('b', voteRequest(1));
    expect(told(node.receive('b', voteRequest(1)))).toEqual(['b voteReply t1 granted, after 1']);
    node.persistAll();
    expect(told(node.receive('b', voteRequest(1)))).toEqual(['b voteReply t1 granted, at once']);
  });

  it('waits for the highest write handed out so far, not for the one that held the news', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1' }));
    node.receive('b', append({ term: 1, prev: '1@1', entries: '2@1' }));
    const again = append({ term: 1, entries: '1@1' });
    expect(told(node.receive('b', again))).toEqual(['b appendReply t1 matched=1, after 2']);
    node.persisted(1);
    expect(told(node.receive('b', again))).toEqual(['b appendReply t1 matched=1, at once']);
  });

  it('sends a refusal at once', () => {
    const node = new TestNode();
    node.receive('b', voteRequest(1));
    expect(told(node.receive('c', voteRequest(1)))).toEqual(['c voteReply t1 refused, at once']);
    expect(told(node.receive('c', append({ term: 1, prev: '9@1' })))).toEqual([
      'c appendRefusal t1 prev=9, at once',
    ]);
  });

  it('sends pre-vote traffic at once', () => {
    const node = new TestNode();
    node.receive('b', voteRequest(1));
    expect(told(node.receive('c', preVoteRequest(2)))).toEqual(['c preVoteReply t2 granted, at once']);
    expect(told(node.input({ kind: 'campaign' }))).toEqual([
      'b preVoteRequest t2 last=0@0, at once',
      'c preVoteRequest t2 last=0@0, at once',
    ]);
  });

  it('sends a leader’s entries at once, in parallel with its own write', () => {
    const node = new TestNode().elect();
    node.matched('b', 1);
    const effects = node.propose(1);
    expect(only(effects, 'persist')).toMatchObject([{ write: 3 }]);
    expect(told(effects, 'b')).toEqual(['b append t1 prev=1@1 [2@1], at once']);
  });

  it('sends an answer above the durable index after the write', () => {
    const node = new TestNode({ log: '1@1', term: 1 });
    const effects = node.receive('b', append({ term: 1, prev: '1@1', entries: '2@1' }));
    expect(told(effects)).toEqual(['b appendReply t1 matched=2, after 1']);
  });

  it('answers an empty append over a durable prefix of a durable term at once, whatever is being written', () => {
    const node = new TestNode({ log: '1@1', term: 1 });
    node.receive('b', append({ term: 1, prev: '1@1', entries: '2@1' }));
    expect(told(node.receive('b', append({ term: 1, prev: '1@1' })))).toEqual([
      'b appendReply t1 matched=1, at once',
    ]);
  });

  it('keeps back an answer whose term is not durable, though all that it matched is', () => {
    // F answers matched 5 in term 3, crashes, restarts in term 1, and takes 5@2 from an old leader: unless the answer
    // waited, the leader of term 3 has committed with a copy that is gone.
    const disk = { id: 'f', voters: 'f o n', log: '1@1 2@1 3@1 4@1 5@1', term: 1 };
    const node = new TestNode(disk);
    const heartbeat = append({ term: 3, prev: '5@1' });
    expect(told(node.receive('n', heartbeat))).toContain('n appendReply t3 matched=5, after 1');

    const restarted = new TestNode(disk);
    restarted.receive('o', append({ term: 2, prev: '4@1', entries: '5@2' }));
    expect(restarted.log()).toBe('1@1 2@1 3@1 4@1 5@2');

    node.persistAll();
    expect(told(node.receive('n', heartbeat))).toEqual(['n appendReply t3 matched=5, at once']);
    expect(told(node.receive('o', append({ term: 2, prev: '4@1', entries: '5@2' })))).toEqual([
      'o roundReply t3 round=0, at once',
    ]);
    expect(node.log()).toBe('1@1 2@1 3@1 4@1 5@1');
  });
});

describe('R3: a candidate’s own vote is on its disk before anybody else’s counts', () => {
  it('asks for votes after the write that holds its term and itself', () => {
    const node = candidate();
    expect(only(node.effects, 'persist')).toMatchObject([
      { write: 1, hardState: { currentTerm: 2, votedFor: 'a' } },
    ]);
    expect(told(node.effects).filter((line) => line.includes('voteRequest'))).toEqual([
      'b voteRequest t2 last=1@1, after 1',
      'c voteRequest t2 last=1@1, after 1',
    ]);
  });

  it('asks after the write that holds the log it describes', () => {
    const node = new TestNode({ log: '1@1' });
    node.receive('c', append({ term: 1, prev: '1@1', entries: '2@1' }));
    node.input({ kind: 'campaign' });
    const effects = node.receive('b', preVoteReply(2, true));
    expect(told(effects, 'b')).toEqual(['b voteRequest t2 last=2@1, after 2']);
  });

  it('does not count itself before that write is on disk', () => {
    const node = candidate();
    node.receive('b', voteReply(2, true));
    expect(node.state.role).toEqual({ kind: 'candidate', votes: ['b'] });
    node.persistAll();
    expect(node.state.role.kind).toBe('leader');
  });

  it('leads on nobody’s word while its own vote is not on disk, be it all others’', () => {
    const node = candidate();
    node.receive('b', voteReply(2, true));
    node.receive('c', voteReply(2, true));
    expect(node.state.role.kind).toBe('candidate');
  });

  it('makes a lone voter wait for its disk as well', () => {
    const node = new TestNode({ voters: 'a' });
    node.input({ kind: 'campaign' });
    expect(node.state.role.kind).toBe('candidate');
    node.persistAll();
    expect(node.state.role.kind).toBe('leader');
  });

  it('never leads a term again after a restart', () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(1, true));
    const { hardState } = recordAfter(node.effects, 1);
    expect(hardState).toMatchObject({ currentTerm: 1, votedFor: 'a' });

    const restarted = new TestNode({ term: hardState.currentTerm, vote: hardState.votedFor });
    restarted.receive('b', voteReply(1, true));
    restarted.receive('c', voteReply(1, true));
    expect(restarted.state.role.kind).toBe('follower');
    restarted.elect();
    expect(restarted.state.currentTerm).toBe(2);
    restarted.receive('b', appendReply(1, 1));
    expect(restarted.progress('b').matchIndex).toBe(0);
  });
});
