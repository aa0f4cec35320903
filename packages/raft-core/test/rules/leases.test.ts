/** Lease reads, and the promises that they rest on. Source: rules R19, R20; Diss. §6.4.1. */

import { describe, expect, it } from 'vitest';
import { nodeId, ref, term } from '../../src/index.ts';
import type { Effect, NodeOptions } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  appendReply,
  only,
  preVoteRequest,
  roundReply,
  sent,
  voteRequest,
} from '../support/messages.ts';
import { change } from '../support/membership.ts';
import { TestNode, type TestNodeSetup } from '../support/test-node.ts';

const PROMISE_MS = 400;
const DRIFT_MS = 20;
const LEASES: Partial<NodeOptions> = { leasePromiseMs: PROMISE_MS, clockDriftMaxMs: DRIFT_MS };

/** A leader of term 1 at 0 ms, whose no-op is committed and which was promised nothing yet. */
function leading(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode({ options: LEASES, ...setup }).elect();
  for (const { id } of node.leader().progress) node.receive(id, appendReply(1, 1));
  expect(node.state.commitIndex).toBe(1);
  return node;
}

/** `peer` answers a message of the last round, or of another, with the promise that was asked. */
function promises(node: TestNode, peer: string, round: number = node.leader().round): void {
  node.receive(peer, { ...appendReply(1, 1, round), promiseMs: PROMISE_MS });
}

function leaseUntilMs(node: TestNode): number | null {
  return node.leader().lease?.untilMs ?? null;
}

function readable(effects: readonly Effect[]): number[] {
  return only(effects, 'readable').map(({ ref: name }) => name);
}

function asks(round: number) {
  return { ...append({ term: 1, round }), promiseMs: PROMISE_MS };
}

/** A follower of `b` in term 1 that has promised at 0 ms. */
function promised(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode(setup);
  node.receive('b', asks(1));
  node.persistAll();
  node.receive('b', asks(2));
  expect(node.state.promise).toEqual({ to: 'b', term: 1, untilMs: PROMISE_MS });
  return node;
}

describe('R20: a leader', () => {
  it('asks for no promise where no lease is wanted', () => {
    const node = new TestNode().elect();
    const messages = sent(node.elapse(100)).map(({ message }) => message);
    expect(messages.length).toBeGreaterThan(0);
    for (const message of messages) expect(message).not.toHaveProperty('promiseMs');
  });

  it('asks with each heartbeat, in a round of its own', () => {
    const node = leading();
    const { round } = node.leader();
    const messages = sent(node.elapse(100)).map(({ message }) => message);
    expect(messages).toMatchObject([
      { kind: 'append', round: round + 1, promiseMs: PROMISE_MS },
      { kind: 'append', round: round + 1, promiseMs: PROMISE_MS },
    ]);
  });

  it('answers reads in the same flush while a quorum has promised, and asks nobody', () => {
    const node = leading();
    promises(node, 'b');
    const effects = node.read(1);
    expect(readable(effects)).toEqual([1]);
    expect(sent(effects)).toEqual([]);
  });

  it('counts the lease from the sending, not from the answer', () => {
    const node = leading();
    node.elapse(100);
    node.nowMs += 50;
    promises(node, 'b');
    expect(leaseUntilMs(node)).toBe(100 + PROMISE_MS - DRIFT_MS);
  });

  it('counts from the oldest message in the newest quorum of answers', () => {
    const node = leading({ voters: 'a b c d e' });
    const first = node.leader().round;
    node.elapse(100);
    promises(node, 'b');
    expect(leaseUntilMs(node)).toBeNull();
    promises(node, 'c', first);
    expect(leaseUntilMs(node)).toBe(PROMISE_MS - DRIFT_MS);
    promises(node, 'c');
    expect(leaseUntilMs(node)).toBe(100 + PROMISE_MS - DRIFT_MS);
  });

  it('asks again as ever once the lease is over', () => {
    const node = leading();
    promises(node, 'b');
    node.nowMs = PROMISE_MS - DRIFT_MS - 1;
    expect(readable(node.read(1))).toEqual([1]);
    node.nowMs += 1;
    const effects = node.read(2);
    expect(readable(effects)).toEqual([]);
    expect(sent(effects).length).toBe(2);
  });

  it.each([
    ['nothing', {}],
    ['less than was asked', { promiseMs: PROMISE_MS - 1 }],
  ])('takes no answer for a promise that promises %s', (_, promise) => {
    const node = leading();
    node.receive('b', { ...appendReply(1, 1, node.leader().round), ...promise });
    expect(leaseUntilMs(node)).toBeNull();
  });

  it.each([
    ['a refusal', { ...appendRefusal(1, 0, '0@0', 1), promiseMs: PROMISE_MS }],
    ['an answer ahead of the disk', { ...roundReply(1, 1), promiseMs: PROMISE_MS }],
  ])('takes the promise in %s', (_, message) => {
    const node = leading();
    node.receive('b', message);
    expect(leaseUntilMs(node)).not.toBeNull();
  });

  it('answers no read by a lease before an entry of its own term is committed', () => {
    const node = new TestNode({ options: LEASES }).elect();
    node.receive('b', { ...appendReply(1, 0, node.leader().round), promiseMs: PROMISE_MS });
    expect(leaseUntilMs(node)).not.toBeNull();
    expect(readable(node.read(1))).toEqual([]);
  });

  it('lets its lease go before it tells a target, and takes none again in that term', () => {
    const node = leading();
    node.elapse(100);
    promises(node, 'b');
    expect(leaseUntilMs(node)).not.toBeNull();
    const effects = node.input({ kind: 'transferLeadership', ref: ref(9), target: nodeId('b') });
    expect(sent(effects)).toMatchObject([{ to: 'b', message: { kind: 'timeoutNow' } }]);
    expect(node.leader().lease).toBeNull();
    expect(readable(node.read(1))).toEqual([]);

    node.disconnected('b', false);
    expect(node.leader().transfer).toBeNull();
    node.elapse(100);
    promises(node, 'b');
    expect(node.leader().lease).toBeNull();
  });

  it('has its lease to ask for anew once it appended a configuration: other voters may decide soon', () => {
    const node = leading();
    node.elapse(100);
    promises(node, 'b');
    expect(leaseUntilMs(node)).not.toBeNull();
    const before = node.leader().round;
    node.input(change(8, 'a b c', 'd'));
    expect(node.leader().lease).toMatchObject({ untilMs: null });
    expect(readable(node.read(1))).toEqual([]);
    promises(node, 'b', before);
    expect(leaseUntilMs(node)).toBeNull();
    promises(node, 'b');
    expect(leaseUntilMs(node)).not.toBeNull();
  });

  it('has no lease any more once it has left office', () => {
    const node = leading();
    promises(node, 'b');
    node.receive('c', roundReply(2, 0));
    expect(node.read(1)).toMatchObject([{ outcome: 'refused', reason: 'not-leader' }]);
  });

  it('keeps no more questions than may still be answered in time', () => {
    const node = leading({
      options: { ...LEASES, electionTimeoutMinMs: 50_000, electionTimeoutMaxMs: 90_000 },
    });
    for (let beats = 0; beats < 50; beats += 1) node.elapse(100);
    expect(node.leader().lease?.asked.length).toBeLessThanOrEqual(PROMISE_MS / 100);
  });
});

describe('R19: doubt about the clock', () => {
  it('ends the lease, and what was asked before does not renew it', () => {
    const node = leading();
    promises(node, 'b');
    const { round } = node.leader();
    node.nowMs = 50;
    const effects = node
      .step({ kind: 'leaseDoubt' })
      .step({ kind: 'read', ref: ref(1) })
      .flush();
    expect(readable(effects)).toEqual([]);
    promises(node, 'b', round);
    expect(leaseUntilMs(node)).toBeNull();
  });

  it('is over with the next promises, asked for at once', () => {
    const node = leading();
    node.nowMs = 50;
    expect(sent(node.input({ kind: 'leaseDoubt' })).length).toBe(2);
    promises(node, 'b');
    expect(leaseUntilMs(node)).toBe(50 + PROMISE_MS - DRIFT_MS);
  });

  it('means nothing to whoever leads no lease', () => {
    for (const node of [new TestNode(), new TestNode().elect()]) {
      expect(node.input({ kind: 'leaseDoubt' })).toEqual([]);
    }
  });
});

describe('R20: a voter', () => {
  it('records what it is asked before it promises for the first time', () => {
    const node = new TestNode();
    const first = node.receive('b', asks(1));
    expect(only(first, 'persist')).toMatchObject([{ hardState: { promiseMs: PROMISE_MS } }]);
    for (const { message } of sent(first)) expect(message).not.toHaveProperty('promiseMs');
    expect(node.state.promise).toBeNull();
    node.persistAll();
    const second = node.receive('b', asks(2));
    expect(only(second, 'persist')).toEqual([]);
    expect(sent(second, 'b')).toMatchObject([{ message: { round: 2, promiseMs: PROMISE_MS } }]);
  });

  it('promises with a refused append too, and ahead of its disk', () => {
    const node = promised();
    const refused = { ...append({ term: 1, prev: '9@1', round: 3 }), promiseMs: PROMISE_MS };
    expect(sent(node.receive('b', refused))).toMatchObject([
      { message: { kind: 'appendRefusal', promiseMs: PROMISE_MS } },
    ]);
    const entries = { ...append({ term: 1, entries: '1@1', round: 4 }), promiseMs: PROMISE_MS };
    expect(sent(node.receive('b', entries))).toMatchObject([
      { message: { kind: 'roundReply', round: 4, promiseMs: PROMISE_MS }, afterWrite: 0 },
      { message: { kind: 'appendReply' } },
    ]);
  });

  it('promises nothing that would outlast its own election timeout', () => {
    const node = new TestNode();
    node.receive('b', { ...asks(1), promiseMs: 1001 });
    expect(node.state.promiseMs).toBe(0);
  });

  it('takes no hint that its leader is gone', () => {
    const node = promised();
    node.disconnected('b', true);
    expect(node.state).toMatchObject({ role: { leader: 'b' }, failOver: null });
    node.nowMs = PROMISE_MS;
    node.disconnected('b', true);
    expect(node.state.role).toMatchObject({ leader: null });
  });

  it('does not campaign, not even where it is told to', () => {
    const node = promised();
    expect(node.input({ kind: 'campaign' })).toEqual([]);
    node.nowMs = PROMISE_MS;
    expect(sent(node.input({ kind: 'campaign' })).length).toBe(2);
  });

  it('grants no vote and no pre-vote to another until its clock has passed the promise, and adopts no term', () => {
    const options = { electionTimeoutMinMs: 200, electionTimeoutMaxMs: 1000 };
    const node = promised({ options });
    node.nowMs = PROMISE_MS - 1;
    expect(sent(node.receive('c', preVoteRequest(2)))).toMatchObject([{ message: { isGranted: false } }]);
    expect(node.receive('c', voteRequest(2))).toEqual([]);
    expect(node.state.currentTerm).toBe(1);
    node.nowMs = PROMISE_MS;
    expect(sent(node.receive('c', preVoteRequest(2)))).toMatchObject([{ message: { isGranted: true } }]);
    expect(sent(node.receive('c', voteRequest(2)))).toMatchObject([{ message: { isGranted: true } }]);
  });

  it('may elect the one that it promised it to', () => {
    const options = { electionTimeoutMinMs: 200, electionTimeoutMaxMs: 1000 };
    const node = promised({ options });
    node.nowMs = PROMISE_MS - 1;
    expect(sent(node.receive('b', voteRequest(2)))).toMatchObject([{ message: { isGranted: true } }]);
  });

  it('votes for whom the leader that it promised to hands over to, and for nobody in any other transfer', () => {
    const request = { ...voteRequest(2, '1@1'), isTransfer: true };
    const node = promised();
    expect(sent(node.receive('c', request))).toMatchObject([{ to: 'c', message: { isGranted: true } }]);
    expect(node.state.promise).toBeNull();

    const other = promised();
    expect(sent(other.receive('c', { ...request, term: term(3) }))).toEqual([]);
    expect(other.state.currentTerm).toBe(1);
  });

  it('campaigns at once where its leader hands over to it', () => {
    const node = promised();
    node.receive('b', { kind: 'timeoutNow', term: term(1) });
    expect(node.state).toMatchObject({ role: { kind: 'candidate' }, currentTerm: 2, promise: null });
  });

  it('does not campaign for a transfer after a restart, as long as it may have promised to another', () => {
    const node = new TestNode({ term: 1, promiseMs: PROMISE_MS, nowMs: 1000 });
    node.receive('b', append({ term: 1 }));
    node.receive('b', { kind: 'timeoutNow', term: term(1) });
    expect(node.state.role.kind).toBe('follower');
    node.nowMs = 1000 + PROMISE_MS;
    node.receive('b', { kind: 'timeoutNow', term: term(1) });
    expect(node.state.role.kind).toBe('candidate');
  });

  it('keeps the longer promise where it is asked for a shorter one', () => {
    const node = promised();
    node.receive('b', { ...asks(3), promiseMs: 50 });
    expect(node.state.promise).toEqual({ to: 'b', term: 1, untilMs: PROMISE_MS });
  });

  it('keeps silent after a restart for as long as it may have promised', () => {
    const node = new TestNode({ term: 1, promiseMs: PROMISE_MS, nowMs: 1000 });
    expect(sent(node.receive('c', preVoteRequest(2)))).toMatchObject([{ message: { isGranted: false } }]);
    expect(node.receive('c', voteRequest(2))).toEqual([]);
    expect(node.input({ kind: 'campaign' })).toEqual([]);
    node.nowMs = 1000 + PROMISE_MS;
    expect(sent(node.receive('c', voteRequest(2)))).toMatchObject([{ message: { isGranted: true } }]);
  });

  it('is woken when it may campaign, and not before', () => {
    const options = { electionTimeoutMinMs: 200, electionTimeoutMaxMs: 1000, seed: 3 };
    for (let seed = 0; seed < 20; seed += 1) {
      const node = promised({ options: { ...options, seed } });
      expect(node.wakeAtMs).toBeGreaterThanOrEqual(PROMISE_MS);
      expect(sent(node.wake()).length).toBe(2);
    }
  });

  it('promises nothing to one that leads an earlier term', () => {
    const node = new TestNode({ term: 2, promiseMs: PROMISE_MS });
    node.nowMs = PROMISE_MS;
    node.receive('b', asks(1));
    expect(node.state.promise?.to).not.toBe(nodeId('b'));
  });
});
