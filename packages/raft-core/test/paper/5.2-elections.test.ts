/** Leader election. Source: Raft §5.2, Figure 2; timeouts §5.6, §9.3. */

import { describe, expect, it } from 'vitest';
import { configurationOf, votersOf } from '../../src/index.ts';
import type { NodeState } from '../../src/index.ts';
import { append, only, preVoteReply, sent, voteReply, voteRequest } from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode, type TestNodeSetup } from '../support/test-node.ts';
import { told } from '../support/told.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/** A candidate of term 1 whose own vote is on disk. */
function candidate(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode(setup);
  node.input({ kind: 'campaign' });
  const voters = votersOf(configurationOf(node.state));
  for (const { id } of voters) if (id !== 'a') node.receive(id, preVoteReply(1, true));
  node.persistAll();
  return node;
}

function role({ state }: { readonly state: NodeState }): string {
  return state.role.kind;
}

describe('§5.2 followers', () => {
  it('are what all nodes begin as, of nobody', () => {
    for (const setup of [{}, { log: '1@1', term: 3, vote: 'a' }]) {
      expect(new TestNode(setup).state.role).toMatchObject({ kind: 'follower', leader: null });
    }
  });

  it('stay followers for as long as their leader is heard in time', () => {
    const node = new TestNode();
    for (let heartbeat = 0; heartbeat < 50; heartbeat += 1) {
      node.receive('b', append({ term: 1 }));
      node.elapse(100);
      node.elapse(390);
    }
    expect(node.state.role).toMatchObject({ kind: 'follower', leader: 'b' });
    expect(node.state.currentTerm).toBe(1);
  });

  it('begin an election when they hear of no leader for the election timeout', () => {
    const node = new TestNode();
    node.flush();
    node.elapse(499);
    expect(role(node)).toBe('follower');
    node.wake();
    expect(role(node)).toBe('pre-candidate');
    expect(node.nowMs).toBeLessThan(1000);
  });

  it('wait another time after each election, drawn between the two timeouts', () => {
    const waits = Array.from({ length: 200 }, (_, seed) => {
      const node = new TestNode({ options: { seed } });
      node.flush();
      const first = node.wakeAtMs ?? 0;
      node.wake();
      return [first, (node.wakeAtMs ?? 0) - node.nowMs];
    });
    const all = waits.flat().toSorted((one, other) => one - other);
    expect(all[0]).toBeGreaterThanOrEqual(500);
    expect(all.at(-1)).toBeLessThan(1000);
    // Spread over the whole span, and no two nodes of different seeds in step.
    expect((all[100] ?? 0) > 580 && (all[100] ?? 0) < 670 && (all[300] ?? 0) > 830).toBe(true);
    expect(new Set(all).size).toBe(400);
  });
});

describe('§5.2 candidates', () => {
  it('begin a new term, vote for themselves, and ask all others at once, after their own vote is written', () => {
    const node = new TestNode({ voters: 'a b c d e', log: '1@1 2@2' });
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(3, true));
    const effects = node.receive('c', preVoteReply(3, true));
    expect(node.state).toMatchObject({ currentTerm: 3, votedFor: 'a', role: { kind: 'candidate' } });
    expect(only(effects, 'persist')[0]?.hardState).toMatchObject({ currentTerm: 3, votedFor: 'a' });
    expect(told(effects)).toEqual(
      ['b', 'c', 'd', 'e'].map((peer) => `${peer} voteRequest t3 last=2@2, after 1`),
    );
  });

  for (let size = 1; size <= 7; size += 1) {
    const needed = Math.floor(size / 2) + 1;
    it(`win among ${size} with ${needed}, their own vote among them, and not with one less`, () => {
      const node = candidate({ voters: NAMES.slice(0, size).join(' ') });
      for (let votes = 1; votes < needed; votes += 1) {
        expect(role(node)).toBe('candidate');
        node.receive(NAMES[votes]!, voteReply(1, true));
      }
      expect(role(node)).toBe('leader');
    });
  }

  it('do not win by refusals, by one voter’s grant repeated, nor by a vote of another term', () => {
    const node = candidate({ voters: 'a b c d e' });
    const replies = [
      ['b', true, 1],
      ['b', true, 1],
      ['c', false, 1],
      ['d', false, 1],
      ['e', false, 1],
    ] as const;
    for (const [peer, isGranted, term] of replies) node.receive(peer, voteReply(term, isGranted));
    expect(role(node)).toBe('candidate');
    node.receive('e', voteReply(1, true));
    expect(role(node)).toBe('leader');
  });

  it('give way to a leader of their own term', () => {
    const node = candidate();
    node.receive('c', append({ term: 1 }));
    expect(node.state.role).toMatchObject({ kind: 'follower', leader: 'c' });
    // Its own vote stands, so that it votes for nobody else in this term.
    expect(node.state).toMatchObject({ currentTerm: 1, votedFor: 'a' });
  });

  it('do not give way to a leader of an earlier term', () => {
    const node = candidate({ voters: 'a b c d e' });
    node.receive('c', append({ term: 1 }));
    node.elapse(1000);
    node.receive('b', preVoteReply(2, true));
    node.receive('c', preVoteReply(2, true));
    expect(node.state).toMatchObject({ currentTerm: 2, role: { kind: 'candidate' } });
    node.receive('c', append({ term: 1 }));
    expect(node.state).toMatchObject({ currentTerm: 2, role: { kind: 'candidate' } });
  });

  it('try again in a later term where nobody wins before their election timeout', () => {
    const node = candidate();
    const { electionTimeoutMs } = node.state;
    node.elapse(electionTimeoutMs - 1);
    expect(role(node)).toBe('candidate');
    node.elapse(1);
    expect(role(node)).toBe('pre-candidate');
    node.receive('c', preVoteReply(2, true));
    expect(node.state).toMatchObject({ currentTerm: 2, votedFor: 'a', role: { kind: 'candidate' } });
  });
});

describe('§5.2 votes', () => {
  it('go to the first who asks in a term, and to nobody else in it', () => {
    const node = new TestNode();
    const answers = [
      ['b', 1],
      ['c', 1],
      ['c', 2],
      ['b', 2],
    ].map(([peer, term]) => sent(node.receive(peer as string, voteRequest(term as number))));
    expect(answers.map(([send]) => send?.message)).toEqual([
      voteReply(1, true),
      voteReply(1, false),
      voteReply(2, true),
      voteReply(2, false),
    ]);
  });

  it('are given again to the one who got them: the answer may have been lost', () => {
    const node = new TestNode();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(told(node.receive('b', voteRequest(1)))).toEqual(['b voteReply t1 granted, after 1']);
    }
    node.persistAll();
    expect(told(node.receive('b', voteRequest(1)))).toEqual(['b voteReply t1 granted, at once']);
  });

  it('that a crash took before they were on disk have reached nobody, and may be given anew', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.hold('c');
    cluster.loses = (from, to) => from === 'b' || to === 'b';
    cluster.campaign('a');
    expect([cluster.state('c').votedFor, cluster.state('a').role.kind]).toEqual(['a', 'candidate']);
    cluster.crash('c');
    cluster.restart('c');
    expect(cluster.state('c')).toMatchObject({ currentTerm: 0, votedFor: null });

    // b wins the very term in which c had voted for a.
    cluster.partition('a');
    cluster.campaign('b');
    cluster.sync('c');
    cluster.deliver();
    expect(cluster.state('c')).toMatchObject({ currentTerm: 1, votedFor: 'b' });
    cluster.heal();
    cluster.run(200);
    expect(cluster.leaders()).toEqual(['b']);
  });

  it('restart the election timeout of who gives them, and refusals do not', () => {
    const granting = new TestNode();
    const refusing = new TestNode({ log: '1@1' });
    granting.nowMs = 400;
    refusing.nowMs = 400;
    granting.receive('b', voteRequest(2));
    refusing.receive('b', voteRequest(2));
    expect([granting.state.electionFromMs, refusing.state.electionFromMs]).toEqual([400, 0]);
  });
});

describe('§5.2 leaders', () => {
  it('say so to all at once when they are elected, and then with each heartbeat', () => {
    const node = candidate();
    const first = sent(node.receive('b', voteReply(1, true)));
    expect(first.map((send) => [send.to, send.message.kind, send.afterWrite])).toEqual([
      ['b', 'append', 0],
      ['c', 'append', 0],
    ]);
    for (let beat = 0; beat < 3; beat += 1) {
      expect(node.elapse(99).filter((effect) => effect.kind === 'send')).toEqual([]);
      expect(told(node.elapse(1)).map((line) => line.split(' ')[0])).toEqual(['b', 'c']);
    }
  });

  it('keep others from campaigning, for as long as they are heard', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {}, d: {}, e: {} });
    cluster.elect('d');
    cluster.run(10_000);
    expect(cluster.leaders()).toEqual(['d']);
    expect(NAMES.slice(0, 5).map((name) => cluster.state(name).currentTerm)).toEqual([1, 1, 1, 1, 1]);
  });

  it('are replaced within a few election timeouts when they are gone, whatever the seeds', () => {
    for (let seed = 0; seed < 10; seed += 1) {
      const options = (nth: number): TestNodeSetup => ({ options: { seed: 10 * seed + nth } });
      const cluster = new TestCluster({ a: options(1), b: options(2), c: options(3) });
      cluster.elect('a');
      cluster.crash('a');
      cluster.run(3000);
      expect(cluster.leaders()).toHaveLength(1);
    }
  });

  it('are never two in one term: of candidates that divide the votes, none wins, and a later term decides', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {}, d: {} });
    // a and b campaign at the same moment: each gets the vote of one other.
    const pairs = ['a>c', 'c>a', 'b>d', 'd>b'];
    cluster.loses = (from, to, message) =>
      (message.kind === 'voteRequest' || message.kind === 'voteReply') && !pairs.includes(`${from}>${to}`);
    cluster.input('a', { kind: 'campaign' });
    cluster.input('b', { kind: 'campaign' });
    cluster.deliver();
    const votes = ['a', 'b', 'c', 'd'].map((name) => cluster.state(name).votedFor);
    expect(votes).toEqual(['a', 'b', 'a', 'b']);
    expect(cluster.leaders()).toEqual([]);

    cluster.heal();
    cluster.run(5000);
    expect(cluster.leaders()).toHaveLength(1);
    expect(cluster.state('a').currentTerm).toBeGreaterThan(1);
  });
});
