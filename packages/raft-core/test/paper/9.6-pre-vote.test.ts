/** Pre-vote: who was cut off finds out that it would lose, and disturbs nobody. Source: Diss. §9.6. */

import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/index.ts';
import { append, preVoteReply, preVoteRequest, sent, voteReply } from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

/** What a node of term 2 answers that last heard its leader `silentMs` ago. */
function answer(silentMs: number, term: number, last: string): Message | undefined {
  const node = new TestNode({ log: '1@1 2@2', term: 2 });
  node.receive('c', append({ term: 2 }));
  node.nowMs += silentMs;
  return sent(node.receive('b', preVoteRequest(term, last)), 'b').at(-1)?.message;
}

describe('Diss. §9.6 pre-vote', () => {
  it('asks about the next term without beginning it: nothing is written', () => {
    const node = new TestNode({ log: '1@2', term: 4 });
    const effects = node.input({ kind: 'campaign' });
    expect(told(effects)).toEqual([
      'b preVoteRequest t5 last=1@2, at once',
      'c preVoteRequest t5 last=1@2, at once',
    ]);
    expect(node.state).toMatchObject({ currentTerm: 4, votedFor: null });
    expect(effects.some((effect) => effect.kind === 'persist')).toBe(false);
  });

  it('lets a term begin only when a majority would vote for the node', () => {
    const node = new TestNode({ voters: 'a b c d e' });
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(1, true));
    node.receive('b', preVoteReply(1, true));
    node.receive('d', preVoteReply(0, false));
    expect(node.state.currentTerm).toBe(0);
    node.receive('c', preVoteReply(1, true));
    expect(node.state).toMatchObject({ currentTerm: 1, role: { kind: 'candidate' } });
  });

  it('is granted by who hears no leader, to a log as complete as its own, for a later term', () => {
    expect(answer(500, 3, '2@2')).toEqual(preVoteReply(3, true));
    expect(answer(499, 3, '2@2')).toEqual(preVoteReply(2, false));
    expect(answer(500, 3, '9@1')).toEqual(preVoteReply(2, false));
    expect(answer(500, 2, '2@1')).toEqual(preVoteReply(2, false));
  });

  it('gives no vote away: who granted one may grant another, and vote for a third', () => {
    const node = new TestNode({ voters: 'a b c d' });
    node.receive('b', preVoteRequest(1));
    expect(sent(node.receive('c', preVoteRequest(1)))[0]?.message).toEqual(preVoteReply(1, true));
    expect(node.state).toMatchObject({ currentTerm: 0, votedFor: null });
  });

  it('is won by no vote, and wins no election itself', () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    node.receive('b', voteReply(1, true));
    // The vote tells of term 1, so the question about it is void.
    expect(node.state).toMatchObject({ currentTerm: 1, role: { kind: 'follower' } });
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(2, true));
    node.persistAll();
    node.receive('c', preVoteReply(2, true));
    expect(node.state.role.kind).toBe('candidate');
  });

  it('keeps the term of a node that is alone, however long', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.partition('c');
    cluster.run(20_000);
    expect(cluster.state('c')).toMatchObject({ currentTerm: 1, role: { kind: 'pre-candidate' } });
  });

  it('lets such a node come back without deposing the leader', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.partition('c');
    cluster.propose('a', 1);
    cluster.run(5000);
    cluster.heal();
    cluster.run(1000);
    expect(cluster.leaders()).toEqual(['a']);
    expect(cluster.state('c')).toMatchObject({ currentTerm: 1, role: { kind: 'follower', leader: 'a' } });
    expect(cluster.logs()['c']).toBe('1@1 2@1');
  });

  it('keeps a node that hears nothing, but is heard, from deposing the leader', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.loses = (_, to) => to === 'c';
    cluster.run(5000);
    expect(cluster.leaders()).toEqual(['a']);
    expect(cluster.state('a').currentTerm).toBe(1);
  });

  it('tells a node of an earlier term the true one, so that it can win where it should', () => {
    // b alone has the longer log, but missed what happened since.
    const cluster = new TestCluster({
      a: { log: '1@1', term: 3 },
      b: { log: '1@1 2@1', term: 1 },
      c: { log: '1@1', term: 3 },
    });
    cluster.campaign('b');
    expect(cluster.state('b')).toMatchObject({ currentTerm: 3, role: { kind: 'follower' } });
    cluster.elect('b');
    expect(cluster.state('b').currentTerm).toBe(4);
  });

  it('elects, whichever of three logs is the longest and whichever term is the highest', () => {
    const logs = ['', '1@1', '1@1 2@2'];
    for (const [one, two, three] of [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
    ] as const) {
      for (const highest of ['a', 'b', 'c']) {
        const setup = (name: string, log: number) => ({ log: logs[log]!, term: name === highest ? 9 : 2 });
        const cluster = new TestCluster({ a: setup('a', one), b: setup('b', two), c: setup('c', three) });
        cluster.run(6000);
        expect(cluster.leaders()).toHaveLength(1);
      }
    }
  });
});
