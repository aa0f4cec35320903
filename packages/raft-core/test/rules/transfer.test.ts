/** Leadership handed over on purpose. Source: Diss. §3.10; rules R11, R12, R16. */

import { describe, expect, it } from 'vitest';
import { nodeId, progressOf, ref, term } from '../../src/index.ts';
import type { Effect } from '../../src/index.ts';
import { append, only, voteReply, voteRequest } from '../support/messages.ts';
import { TestCluster } from '../support/test-cluster.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

const TIMEOUT_NOW = { kind: 'timeoutNow', term: term(1) } as const;

function transfer(node: TestNode, number: number, target: string | null): readonly Effect[] {
  return node.input({
    kind: 'transferLeadership',
    ref: ref(number),
    target: target === null ? null : nodeId(target),
  });
}

function results(effects: readonly Effect[]): readonly Effect[] {
  return only(effects, 'result');
}

function isTold(effects: readonly Effect[], to: string): boolean {
  return only(effects, 'send').some((send) => send.to === to && send.message.kind === 'timeoutNow');
}

describe('Diss. §3.10: a transfer', () => {
  it('tells the target only once it holds all of the log, and once', () => {
    const node = new TestNode().elect();
    node.propose(1);
    node.matched('b', 1);
    expect(isTold(transfer(node, 9, 'b'), 'b')).toBe(false);
    expect(isTold(node.matched('b', 2), 'b')).toBe(true);
    expect(isTold(node.matched('b', 2), 'b')).toBe(false);
  });

  it('takes no proposal meanwhile, and says where to go; reads go on (R16)', () => {
    const node = new TestNode().elect();
    node.matched('b', 1);
    transfer(node, 9, 'b');
    expect(results(node.propose(1))).toMatchObject([
      { outcome: 'refused', reason: 'transferring', leader: 'b' },
    ]);
    node.read(2);
    expect(only(node.matched('c', 1), 'readable')).toMatchObject([{ ref: 2 }]);
  });

  it('without a target goes to the peer that lacks least, of those that answer', () => {
    const node = new TestNode({ voters: 'a b c d e' }).elect();
    node.propose(1);
    node.matched('d', 2);
    node.elapse(600);
    node.matched('b', 1);
    node.matched('c', 2);
    expect(isTold(transfer(node, 9, null), 'c')).toBe(true);
  });

  const REFUSED = [
    ['to this node itself', 'a', 'target-leads'],
    ['to a node that is no voter', 'z', 'no-such-target'],
  ] as const;
  for (const [what, target, reason] of REFUSED) {
    it(`${what} is refused`, () => {
      const node = new TestNode().elect();
      expect(results(transfer(node, 9, target))).toMatchObject([{ ref: 9, outcome: 'refused', reason }]);
      expect(node.leader().transfer).toBeNull();
    });
  }

  it('is refused by who does not lead, by a lone voter, and while another is under way', () => {
    expect(results(transfer(new TestNode(), 9, 'b'))).toMatchObject([{ reason: 'not-leader' }]);
    const lone = new TestNode({ voters: 'a' });
    lone.input({ kind: 'campaign' });
    lone.persistAll();
    expect(results(transfer(lone, 9, null))).toMatchObject([{ reason: 'no-such-target' }]);
    const node = new TestNode().elect();
    transfer(node, 8, 'b');
    expect(results(transfer(node, 9, 'c'))).toMatchObject([{ ref: 9, reason: 'transferring' }]);
  });

  it('is given up after the longest election timeout, and then the leader takes proposals again', () => {
    const node = new TestNode().elect();
    node.matched('b', 1);
    transfer(node, 9, 'c');
    node.elapse(900);
    node.matched('b', 1);
    expect(node.wakeAtMs).toBe(1000);
    expect(results(node.elapse(100))).toMatchObject([
      { ref: 9, outcome: 'refused', reason: 'transfer-failed' },
    ]);
    expect(results(node.propose(1))).toEqual([]);
    expect(node.log()).toContain('2@1');
  });

  it('is given up when the connection to the target is gone', () => {
    const node = new TestNode().elect();
    transfer(node, 9, 'b');
    expect(results(node.disconnected('c', true))).toEqual([]);
    expect(results(node.disconnected('b', false))).toMatchObject([{ ref: 9, reason: 'transfer-failed' }]);
  });

  it('leaves nothing behind: a node that leads again takes proposals', () => {
    const node = new TestNode().elect();
    node.matched('b', 1);
    transfer(node, 9, 'b');
    const answer = results(node.receive('b', { ...voteRequest(2, '1@1'), isTransfer: true }));
    expect(answer).toMatchObject([{ ref: 9, outcome: 'transferred', leader: null }]);
    node.persistAll();
    node.elapse(2000);
    node.elect();
    expect(node.leader().transfer).toBeNull();
    expect(results(node.propose(1))).toEqual([]);
  });

  it('that office outlives not ends as refused, or as unknown once the target was told', () => {
    const untold = new TestNode().elect();
    transfer(untold, 9, 'b');
    expect(results(untold.receive('c', voteReply(5, false)))).toMatchObject([
      { ref: 9, reason: 'not-leader' },
    ]);
    const failed = new TestNode().elect();
    failed.matched('b', 1);
    transfer(failed, 9, 'b');
    expect(results(failed.input({ kind: 'persistFailed' }))).toMatchObject([{ ref: 9, outcome: 'unknown' }]);
    expect(results(transfer(failed, 10, 'b'))).toMatchObject([{ ref: 10, reason: 'failed' }]);
  });

  it('elects the target without a timeout, though all hear their leader', () => {
    const cluster = new TestCluster({ a: {}, b: {}, c: {} });
    cluster.elect('a');
    cluster.propose('a', 1);
    cluster.deliver();
    cluster.input('a', { kind: 'transferLeadership', ref: ref(9), target: nodeId('c') });
    cluster.deliver();
    expect(cluster.leaders()).toEqual(['c']);
    expect(cluster.state('c').currentTerm).toBe(2);
  });
});

describe('R12: timeoutNow', () => {
  it('makes a follower campaign at once, and asks loyal voters (R11)', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1 }));
    node.receive('b', TIMEOUT_NOW);
    expect(told(node.persistAll())).toEqual([]);
    expect(node.state.role.kind).toBe('candidate');
    expect(node.state.currentTerm).toBe(2);
  });

  it('counts only from the current leader, in the current term', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1 }));
    node.receive('c', TIMEOUT_NOW);
    node.receive('b', { ...TIMEOUT_NOW, term: term(2) });
    expect(node.state).toMatchObject({ currentTerm: 1, role: { kind: 'follower', leader: 'b' } });
    node.receive('c', append({ term: 3 }));
    node.receive('b', TIMEOUT_NOW);
    expect(node.state).toMatchObject({ currentTerm: 3, role: { kind: 'follower', leader: 'c' } });
  });

  it('lets a loyal follower vote, by its log and its one vote as ever', () => {
    const node = new TestNode({ log: '1@1' });
    node.receive('b', append({ term: 1, prev: '1@1' }));
    const granted = (last: string) => {
      node.receive('c', { ...voteRequest(2, last), isTransfer: true });
      return node.state.votedFor;
    };
    expect(granted('0@0')).toBeNull();
    expect(granted('1@1')).toBe('c');
  });
});

describe('DESIGN §2: entries to apply', () => {
  it('are handed out in pages, the next once the machine has applied the last', () => {
    const node = new TestNode({ voters: 'a', options: { applyBytesMax: 140 } });
    node.input({ kind: 'campaign' });
    node.persistAll();
    const pages: number[][] = [];
    const page = (effects: readonly Effect[]) => {
      for (const { entries } of only(effects, 'apply')) pages.push(entries.map(({ index }) => index));
    };
    page(node.persistAll());
    for (let number = 1; number <= 4; number += 1) page(node.propose(number));
    page(node.persistAll());
    while (pages.length > 0 && node.state.appliedIndex < 5) page(node.applied(pages.at(-1)?.at(-1) ?? 0));
    expect(pages).toEqual([[1], [2, 3], [4, 5]]);
  });

  it('of any size are handed out one at a time', () => {
    const node = new TestNode({ voters: 'a', options: { applyBytesMax: 1 } });
    node.input({ kind: 'campaign' });
    node.persistAll();
    node.persistAll();
    node.applied(1);
    node.propose(1, new Uint8Array(500));
    expect(only(node.persistAll(), 'apply')).toHaveLength(1);
  });
});

describe('the progress of peers', () => {
  it('is told by a leader, and by nobody else', () => {
    expect(progressOf(new TestNode().state)).toEqual([]);
    const node = new TestNode().elect();
    node.elapse(50);
    node.matched('b', 1);
    node.elapse(50);
    expect(progressOf(node.state)).toEqual([
      { id: 'b', matchIndex: 1, nextIndex: 2, flow: 'replicating', silentMs: 50 },
      { id: 'c', matchIndex: 0, nextIndex: 1, flow: 'probing', silentMs: 100 },
    ]);
  });
});
