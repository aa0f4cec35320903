/** Terms: a logical clock by which nodes tell what is stale. Source: Raft §5.1, Figure 2. */

import { describe, expect, it } from 'vitest';
import { recover } from '../../src/index.ts';
import type { Message } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  appendReply,
  preVoteReply,
  preVoteRequest,
  roundReply,
  sent,
  voteReply,
  voteRequest,
} from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { recordAfter } from '../support/told.ts';

/** A node of term 2 in each role. */
const ROLES = {
  follower: () => new TestNode({ term: 2 }),
  'pre-candidate': () => {
    const node = new TestNode({ term: 2 });
    node.input({ kind: 'campaign' });
    return node;
  },
  candidate: () => {
    const node = new TestNode({ term: 1 });
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(2, true));
    node.persistAll();
    return node;
  },
  leader: () => new TestNode({ term: 1 }).elect(),
} as const;

/** Whoever sends one of these has seen `term` begin. */
function tellingOf(term: number): readonly Message[] {
  return [
    append({ term }),
    appendReply(term, 0),
    appendRefusal(term, 0, '0@0'),
    roundReply(term, 0),
    voteReply(term, false),
    preVoteReply(term, false),
  ];
}

describe('§5.1 terms', () => {
  it('begin at 0, and rise by one with each campaign', () => {
    const node = new TestNode();
    expect(node.state.currentTerm).toBe(0);
    node.elect();
    expect(node.state.currentTerm).toBe(1);
  });

  for (const [role, make] of Object.entries(ROLES)) {
    it(`make a ${role} that hears of a later one take it over, as a follower who has voted for nobody`, () => {
      for (const message of tellingOf(5)) {
        const node = make();
        expect(node.state).toMatchObject({ currentTerm: 2, role: { kind: role } });
        node.receive('b', message);
        expect(node.state).toMatchObject({ currentTerm: 5, votedFor: null, role: { kind: 'follower' } });
      }
    });

    it(`make a ${role} answer a message of an earlier one with its own, and heed nothing else in it`, () => {
      const stale = [append({ term: 1, entries: '1@1' }), voteRequest(1), preVoteRequest(1)];
      for (const message of stale) {
        const node = make();
        const { log, votedFor, role: before } = node.state;
        const answers = sent(node.receive('b', message), 'b').map((send) => send.message);
        expect(answers).toMatchObject([{ term: 2 }]);
        expect(answers[0]).not.toMatchObject({ isGranted: true });
        expect(answers[0]?.kind).not.toBe('appendReply');
        expect(node.state).toMatchObject({ currentTerm: 2, votedFor, log, role: before });
      }
    });

    it(`make a ${role} ignore answers to what it said in an earlier one`, () => {
      const stale = [appendReply(1, 1), appendRefusal(1, 0, '0@0'), roundReply(1, 0), voteReply(1, true)];
      for (const message of stale) {
        const node = make();
        const { role: before } = node.state;
        node.nowMs += 7;
        expect(node.receive('b', message)).toEqual([]);
        expect(node.state).toMatchObject({ currentTerm: 2, commitIndex: 0, role: before });
      }
    });
  }

  it('never fall, whatever a node hears', () => {
    const node = new TestNode({ term: 2 });
    const seen = [3, 1, 7, 2, 7, 6, 8].flatMap((inTerm) =>
      [...tellingOf(inTerm), voteRequest(inTerm), preVoteRequest(inTerm)].map((message) => {
        node.nowMs += 1000;
        node.receive('b', message);
        return node.state.currentTerm;
      }),
    );
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(seen.at(-1)).toBe(8);
  });

  it('are the candidate’s from its request for votes on, for whoever does not hear a leader', () => {
    const node = new TestNode({ log: '1@2' });
    // Refused for its log, and still the term is known now.
    node.receive('b', voteRequest(5));
    expect(node.state).toMatchObject({ currentTerm: 5, votedFor: null, role: { kind: 'follower' } });
  });

  it('outlast a crash, with the vote that was given in them', () => {
    const node = new TestNode();
    const effects = node.receive('b', voteRequest(4));
    const { options } = node.state;
    const restarted = recover(options, recordAfter(effects, 1), 0);
    expect(restarted).toMatchObject({ currentTerm: 4, votedFor: 'b' });
    expect(recover(options, recordAfter(effects, 0), 0)).toMatchObject({ currentTerm: 0, votedFor: null });
  });

  it('tell a deposed leader at its next word that it is one', () => {
    const old = new TestNode({ id: 'a', term: 1 }).elect();
    const follower = new TestNode({ id: 'c', term: 3 });
    const [refusal] = sent(follower.receive('a', append({ term: 2 })), 'a');
    old.propose(1);
    const effects = old.receive('c', refusal!.message);
    expect(old.state).toMatchObject({ currentTerm: 3, role: { kind: 'follower', leader: null } });
    expect(effects).toContainEqual({ kind: 'result', ref: 1, outcome: 'unknown', leader: null });
  });
});
