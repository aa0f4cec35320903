/** Who may ask for votes, who gives them, and whose term is believed. Source: rule R11; Raft §5.2, §5.4.1; Diss. §9.6. */

import { describe, expect, it } from 'vitest';
import { dump } from '../../src/index.ts';
import type { Message } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  appendReply,
  preVoteReply,
  preVoteRequest,
  roundReply,
  voteReply,
  voteRequest,
} from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

/** A follower of `b` in term 1, which it heard at 0. */
function loyal(): TestNode {
  const node = new TestNode({ log: '1@1' });
  node.receive('b', append({ term: 1, prev: '1@1' }));
  return node;
}

describe('R11: loyalty to a leader that works', () => {
  it('makes a follower refuse pre-votes, and tell the true term', () => {
    expect(told(loyal().receive('c', preVoteRequest(2, '1@1')))).toEqual([
      'c preVoteReply t1 refused, at once',
    ]);
  });

  it('makes a follower ignore vote requests, without adopting their term', () => {
    const node = loyal();
    const before = dump(node.state);
    expect(node.receive('c', voteRequest(7, '1@1'))).toEqual([]);
    expect(dump(node.state)).toEqual(before);
  });

  it('lasts for the shortest election timeout', () => {
    const early = loyal();
    early.nowMs = 499;
    expect(told(early.receive('c', voteRequest(2, '1@1')))).toEqual([]);
    const late = loyal();
    late.nowMs = 500;
    expect(told(late.receive('c', voteRequest(2, '1@1')))).toEqual(['c voteReply t2 granted, after 1']);
    const asked = loyal();
    asked.nowMs = 500;
    expect(told(asked.receive('c', preVoteRequest(2, '1@1')))).toEqual([
      'c preVoteReply t2 granted, at once',
    ]);
  });

  it('begins anew with each append', () => {
    const node = loyal();
    node.nowMs = 400;
    node.receive('b', append({ term: 1, prev: '1@1' }));
    node.nowMs = 800;
    expect(told(node.receive('c', preVoteRequest(2, '1@1')))).toEqual(['c preVoteReply t1 refused, at once']);
  });

  it('ends with a hint that the leader is gone', () => {
    const node = loyal();
    node.disconnected('b', true);
    expect(told(node.receive('c', preVoteRequest(2, '1@1')))).toEqual(['c preVoteReply t2 granted, at once']);
    expect(told(node.receive('c', voteRequest(2, '1@1')))).toEqual(['c voteReply t2 granted, after 1']);
  });

  it('makes a leader refuse pre-votes and ignore vote requests, for as long as it leads', () => {
    const node = new TestNode().elect();
    node.nowMs = 800;
    expect(told(node.receive('b', preVoteRequest(9)), 'b')[0]).toBe('b preVoteReply t1 refused, at once');
    expect(told(node.receive('b', voteRequest(9))).filter((line) => line.includes('vote'))).toEqual([]);
    expect(node.state).toMatchObject({ currentTerm: 1, role: { kind: 'leader' } });
  });

  it('does not keep from a stale candidate that its term is over', () => {
    const node = new TestNode({ term: 5 });
    node.receive('b', append({ term: 5 }));
    expect(told(node.receive('c', voteRequest(4)))).toEqual(['c voteReply t5 refused, at once']);
  });
});

describe('R11: pre-votes', () => {
  it('change nothing in the receiver', () => {
    const node = new TestNode({ log: '1@1' });
    for (const request of [preVoteRequest(2, '1@1'), preVoteRequest(9, '5@8'), preVoteRequest(1)]) {
      const before = dump(node.state);
      node.receive('b', request);
      expect(dump(node.state)).toEqual(before);
    }
  });

  it('are granted for a term above ours only, with the term that was asked about', () => {
    const node = new TestNode({ log: '1@1', term: 4 });
    const answers = [3, 4, 5, 9].map((term) => told(node.receive('b', preVoteRequest(term, '1@1')))[0]);
    expect(answers).toEqual([
      'b preVoteReply t4 refused, at once',
      'b preVoteReply t4 refused, at once',
      'b preVoteReply t5 granted, at once',
      'b preVoteReply t9 granted, at once',
    ]);
  });

  it('need the log check', () => {
    const node = new TestNode({ log: '1@1 2@3', term: 4 });
    const answers = ['2@2', '9@2', '1@3', '2@3', '1@4'].map(
      (last) => told(node.receive('b', preVoteRequest(6, last)))[0],
    );
    expect(answers.map((answer) => answer?.split(/[ ,]+/)[3])).toEqual([
      'refused',
      'refused',
      'refused',
      'granted',
      'granted',
    ]);
  });

  it('are granted to many: nothing is given away', () => {
    const node = new TestNode();
    expect(told(node.receive('b', preVoteRequest(1)))).toEqual(['b preVoteReply t1 granted, at once']);
    expect(told(node.receive('c', preVoteRequest(1)))).toEqual(['c preVoteReply t1 granted, at once']);
  });

  it('come before a campaign: no term begins without a quorum of them', () => {
    const node = new TestNode({ voters: 'a b c d e' });
    node.elapse(1000);
    expect(node.state).toMatchObject({ currentTerm: 0, role: { kind: 'pre-candidate' } });
    node.receive('b', preVoteReply(1, true));
    node.receive('b', preVoteReply(1, true));
    expect(node.state.role.kind).toBe('pre-candidate');
    node.receive('c', preVoteReply(1, true));
    expect(node.state).toMatchObject({ currentTerm: 1, votedFor: 'a', role: { kind: 'candidate' } });
  });

  it('count only for the term that was asked about', () => {
    const node = new TestNode({ term: 3 });
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(3, true));
    node.receive('b', preVoteReply(9, true));
    expect(node.state).toMatchObject({ currentTerm: 3, role: { kind: 'pre-candidate' } });
  });

  it('never count as votes', () => {
    const node = new TestNode({ voters: 'a b c d e' });
    node.input({ kind: 'campaign' });
    for (const peer of ['b', 'c', 'd', 'e']) node.receive(peer, preVoteReply(1, true));
    node.persistAll();
    expect(node.state.role).toEqual({ kind: 'candidate', votes: ['a'] });
  });

  it('are not asked for by a leader, nor by a node that is no voter', () => {
    const leader = new TestNode().elect();
    leader.input({ kind: 'campaign' });
    expect(leader.state.role.kind).toBe('leader');
    const outsider = new TestNode({ id: 'z' });
    expect(told(outsider.input({ kind: 'campaign' }))).toEqual([]);
    expect(outsider.wakeAtMs).toBeNull();
  });

  it('leave the field to a candidate that was voted for meanwhile', () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    node.receive('b', voteRequest(1));
    node.receive('c', preVoteReply(2, true));
    expect(node.state).toMatchObject({ currentTerm: 1, votedFor: 'b', role: { kind: 'follower' } });
  });
});

describe('R11: votes', () => {
  it('are given once in a term, first come first served', () => {
    const node = new TestNode();
    expect(told(node.receive('b', voteRequest(1)))).toEqual(['b voteReply t1 granted, after 1']);
    expect(told(node.receive('c', voteRequest(1)))).toEqual(['c voteReply t1 refused, at once']);
    expect(node.state.votedFor).toBe('b');
  });

  it('outlast a restart', () => {
    const node = new TestNode({ term: 1, vote: 'b' });
    expect(told(node.receive('c', voteRequest(1)))).toEqual(['c voteReply t1 refused, at once']);
    expect(told(node.receive('b', voteRequest(1)))).toEqual(['b voteReply t1 granted, at once']);
  });

  it('are not given to another by a candidate, which has voted for itself', () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(1, true));
    expect(told(node.receive('c', voteRequest(1)))).toEqual(['c voteReply t1 refused, at once']);
  });

  it('need the log check: the later last term wins, then the longer log', () => {
    const answers = ['9@2', '1@3', '2@3', '3@3', '1@4'].map((last) => {
      const node = new TestNode({ log: '1@1 2@3', term: 4 });
      return told(node.receive('b', voteRequest(6, last)))[0]?.split(/[ ,]+/)[3];
    });
    expect(answers).toEqual(['refused', 'refused', 'granted', 'granted', 'granted']);
  });

  it('refused for the log leave the vote of the term free', () => {
    const node = new TestNode({ log: '1@1 2@3', term: 4 });
    node.receive('b', voteRequest(5, '1@1'));
    expect(node.state).toMatchObject({ currentTerm: 5, votedFor: null });
    expect(told(node.receive('c', voteRequest(5, '2@3')))[0]).toContain('granted');
  });

  it('count only for the term of the campaign, and once a voter', () => {
    const node = new TestNode({ voters: 'a b c d e', term: 3 });
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(4, true));
    node.receive('c', preVoteReply(4, true));
    node.persistAll();
    node.receive('e', voteReply(3, true));
    node.receive('b', voteReply(4, true));
    node.receive('b', voteReply(4, true));
    node.receive('c', voteReply(4, false));
    expect(node.state.role).toEqual({ kind: 'candidate', votes: ['a', 'b'] });
    node.receive('d', voteReply(4, true));
    expect(node.state.role.kind).toBe('leader');
  });
});

describe('R11: a pre-candidate that votes', () => {
  it('leaves the field, in its own term too: pre-votes that come later make it no candidate', () => {
    const node = new TestNode({ term: 1 });
    node.input({ kind: 'campaign' });
    expect(node.state).toMatchObject({ currentTerm: 1, role: { kind: 'pre-candidate' } });
    expect(told(node.receive('b', voteRequest(1)))).toEqual(['b voteReply t1 granted, after 1']);
    expect(node.state.role).toMatchObject({ kind: 'follower', leader: null });
    expect(told(node.receive('c', preVoteReply(2, true)))).toEqual([]);
    expect(node.state).toMatchObject({ currentTerm: 1, votedFor: 'b' });
  });
});

describe('R11: a higher term', () => {
  const REPLIES: readonly Message[] = [
    appendReply(9, 0),
    appendRefusal(9, 0, '0@0'),
    roundReply(9, 0),
    voteReply(9, false),
    voteReply(9, true),
    preVoteReply(9, false),
  ];

  for (const reply of REPLIES) {
    it(`in a ${reply.kind}${'isGranted' in reply && reply.isGranted ? ' that grants' : ''} is adopted, by a leader too`, () => {
      for (const node of [new TestNode(), new TestNode().elect()]) {
        node.receive('b', reply);
        expect(node.state).toMatchObject({ currentTerm: 9, votedFor: null, role: { kind: 'follower' } });
      }
    });
  }

  it('in a pre-vote grant is nobody’s term yet', () => {
    for (const node of [new TestNode(), new TestNode().elect()]) {
      const { currentTerm } = node.state;
      node.receive('b', preVoteReply(9, true));
      expect(node.state.currentTerm).toBe(currentTerm);
    }
  });

  it('in a pre-vote request is nobody’s term yet', () => {
    const node = new TestNode();
    node.receive('b', preVoteRequest(9));
    expect(node.state.currentTerm).toBe(0);
  });

  it('in an append is adopted with its leader, by a leader too', () => {
    const node = new TestNode().elect();
    node.receive('b', append({ term: 9 }));
    expect(node.state).toMatchObject({ currentTerm: 9, role: { kind: 'follower', leader: 'b' } });
  });
});
