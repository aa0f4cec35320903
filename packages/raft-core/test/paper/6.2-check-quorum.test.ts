/** A leader that no majority answers gives up, and one that works is not deposed. Source: Diss. §6.2, §4.2.3. */

import { describe, expect, it } from 'vitest';
import { appendRefusal, appendReply, roundReply, sent, voteRequest } from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';

/** The role after `ms` of time in steps of 100, in which `answers` speaks for the peers. */
function roleAfter(node: TestNode, ms: number, answers: () => void): string {
  for (let passed = 0; passed < ms; passed += 100) {
    node.elapse(100);
    answers();
  }
  return node.state.role.kind;
}

describe('Diss. §6.2 a leader without a majority', () => {
  it('steps down after the longest election timeout, not before', () => {
    const node = new TestNode().elect();
    node.elapse(999);
    expect(node.state.role.kind).toBe('leader');
    node.elapse(1);
    expect(node.state).toMatchObject({ currentTerm: 1, role: { kind: 'follower', leader: null } });
  });

  it('asks to be woken for it', () => {
    const node = new TestNode({ options: { heartbeatMs: 250 } }).elect();
    node.elapse(900);
    expect(node.wakeAtMs).toBe(1000);
    node.wake();
    expect(node.state.role.kind).toBe('follower');
  });

  it('ends what it was asked for: writes as unknown, reads as refused', () => {
    const node = new TestNode().elect();
    node.propose(1);
    node.read(2);
    node.persistAll();
    const results = node.elapse(1000).filter((effect) => effect.kind === 'result');
    expect(results).toEqual([
      { kind: 'result', ref: 1, outcome: 'unknown', leader: null },
      { kind: 'result', ref: 2, outcome: 'refused', reason: 'not-leader', leader: null },
    ]);
  });

  it('says nothing more', () => {
    const node = new TestNode().elect();
    node.propose(1);
    node.persistAll();
    expect(sent(node.elapse(1000))).toEqual([]);
    expect(node.propose(2)).toContainEqual({
      kind: 'result',
      ref: 2,
      outcome: 'refused',
      reason: 'not-leader',
      leader: null,
    });
  });

  it('stays while two of four others answer, whatever they answer', () => {
    const node = new TestNode({ voters: 'a b c d e' }).elect();
    const role = roleAfter(node, 5000, () => {
      node.receive('b', appendRefusal(1, 9, '0@0'));
      node.receive('c', roundReply(1, 0));
    });
    expect(role).toBe('leader');
  });

  it('steps down where only one of four others answers', () => {
    const node = new TestNode({ voters: 'a b c d e' }).elect();
    expect(roleAfter(node, 1100, () => node.receive('b', appendReply(1, 1)))).toBe('follower');
  });

  it('stays while changing majorities answer: each answer counts from when it came', () => {
    const node = new TestNode({ voters: 'a b c d e' }).elect();
    let turn = 0;
    const role = roleAfter(node, 6000, () => {
      // One answer every 300 ms, from each of the four in turn: two of the newest four are never older than 900.
      if (turn % 3 === 0) node.receive('bcde'.charAt((turn / 3) % 4), appendReply(1, 1));
      turn += 1;
    });
    expect(role).toBe('leader');
  });

  it('is nothing to a leader that is alone in its cluster', () => {
    const node = new TestNode({ voters: 'a' }).elect();
    node.elapse(100_000);
    expect(node.state.role.kind).toBe('leader');
  });
});

describe('Diss. §4.2.3 a leader that works', () => {
  it('is kept by who hears it: their votes are not given, and terms not taken over', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.run(300);
    for (const name of ['a', 'b']) {
      const node = cluster.node(name);
      node.nowMs = cluster.nowMs;
      expect(sent(node.receive('c', voteRequest(7, '9@6')))).toEqual([]);
      expect(node.state.currentTerm).toBe(1);
    }
  });

  it('is kept where its followers can no longer hear each other', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.loses = (from, to) => from !== 'a' && to !== 'a';
    cluster.run(5000);
    expect(cluster.leaders()).toEqual(['a']);
    expect(cluster.state('a').currentTerm).toBe(1);
  });
});

describe('Diss. §6.2 a partition', () => {
  it('leaves no leader in the smaller part, and one in the larger', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {}, d: {}, e: {} });
    cluster.elect('a');
    cluster.partition('a', 'b');
    cluster.run(4000);
    const [leader, ...others] = cluster.leaders();
    expect(others).toEqual([]);
    expect(['c', 'd', 'e']).toContain(leader);
    expect(cluster.state('a').role.kind).not.toBe('leader');
  });

  it('of which one node hears both sides ends in one leader: the majority connected elects', () => {
    // The old leader a reaches b only; b, c, d and e reach each other.
    const cluster = new TestCluster({ a: {}, b: {}, c: {}, d: {}, e: {} });
    cluster.elect('a');
    cluster.loses = (from, to) => (from === 'a' && to !== 'b') || (to === 'a' && from !== 'b');
    cluster.run(8000);
    const leaders = cluster.leaders();
    expect(leaders).toHaveLength(1);
    expect(leaders[0]).not.toBe('a');
    cluster.propose(leaders[0]!, 1);
    cluster.run(500);
    expect(cluster.state(leaders[0]!).commitIndex).toBe(cluster.state(leaders[0]!).log.tail.entries.length);
  });

  it('that lets a leader speak but not hear ends its office, so that the others elect', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.loses = (_, to) => to === 'a';
    cluster.run(6000);
    const leaders = cluster.leaders();
    expect(leaders).toHaveLength(1);
    expect(leaders[0]).not.toBe('a');
  });
});
