/** Reads on nodes that do not lead. Source: rule R17; Diss. §6.4. */

import { describe, expect, it } from 'vitest';
import { logIndex, ref, term } from '../../src/index.ts';
import type { Effect, ReadReply, ReadRequest } from '../../src/index.ts';
import { append, appendReply, only, sent } from '../support/messages.ts';
import { TestNode, type TestNodeSetup } from '../support/test-node.ts';

const SEED = 7;

/** A follower of `b` in term 1 that has applied entry 1, at 0 ms. */
function following(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode({ options: { seed: SEED }, ...setup });
  node.receive('b', append({ term: 1, entries: '1@1', commit: 1 }));
  node.persistAll();
  node.applied(1);
  return node;
}

/** A leader whose no-op is committed. */
function serving(): TestNode {
  const node = new TestNode().elect();
  node.matched('b', 1);
  return node;
}

function read(node: TestNode, number: number, maxStalenessMs = 0): readonly Effect[] {
  return node.input({ kind: 'read', ref: ref(number), asksLeader: true, maxStalenessMs });
}

function answer(counter: number, index = 1, process = SEED): ReadReply {
  return { kind: 'readReply', term: term(1), process, counter, index: logIndex(index) };
}

function request(counter: number): ReadRequest {
  return { kind: 'readRequest', term: term(1), process: 99, counter };
}

/** `ref@index` of each read confirmed. */
function readable(effects: readonly Effect[]): string[] {
  return only(effects, 'readable').map((effect) => `${effect.ref}@${effect.index}`);
}

describe('R17: a read on a node that does not lead', () => {
  it('is refused unless it may ask, as ever', () => {
    expect(following().read(1)).toMatchObject([{ outcome: 'refused', reason: 'not-leader', leader: 'b' }]);
  });

  it('asks the leader under the process and a counter, once for all that wait', () => {
    const node = following();
    node.step({ kind: 'read', ref: ref(1), asksLeader: true });
    const effects = read(node, 2);
    expect(sent(effects)).toMatchObject([
      { to: 'b', message: { kind: 'readRequest', term: 1, process: SEED, counter: 1 }, afterWrite: 0 },
    ]);
    expect(readable(node.receive('b', answer(1, 5)))).toEqual(['1@5', '2@5']);
  });

  it('asks anew for each later read: an answer to what was asked before does not count', () => {
    const node = following();
    read(node, 1);
    read(node, 2);
    expect(readable(node.receive('b', answer(1)))).toEqual(['1@1']);
    expect(readable(node.receive('b', answer(1)))).toEqual([]);
    expect(readable(node.receive('b', answer(2, 3)))).toEqual(['2@3']);
  });

  it.each([
    ['of another process', 'b', answer(1, 1, SEED + 1)],
    ['to no question', 'b', answer(2)],
    ['of whoever was not asked', 'c', answer(1)],
  ])('takes no answer %s', (_, from, message) => {
    const node = following();
    read(node, 1);
    expect(readable(node.receive(from, message))).toEqual([]);
  });

  it('is refused where no leader is known', () => {
    expect(read(new TestNode(), 1)).toMatchObject([{ outcome: 'refused', leader: null }]);
  });

  it('is refused without an answer within an election timeout, whatever the node is by then', () => {
    const node = following();
    read(node, 1);
    expect(node.wakeAtMs).toBe(500);
    expect(only(node.elapse(499), 'result')).toEqual([]);
    expect(only(node.elapse(1), 'result')).toMatchObject([{ ref: 1, outcome: 'refused' }]);
    expect(readable(node.receive('b', answer(1)))).toEqual([]);
  });

  it('is refused when the disk fails', () => {
    const node = following();
    read(node, 1);
    expect(only(node.input({ kind: 'persistFailed' }), 'result')).toMatchObject([
      { ref: 1, reason: 'failed' },
    ]);
  });

  it('counts against the limit of waiting reads', () => {
    const node = following({ options: { seed: SEED, waitingReadsMax: 1 } });
    read(node, 1);
    expect(read(node, 2)).toMatchObject([{ outcome: 'refused', reason: 'too-many-waiting-reads' }]);
  });
});

describe('R17: a leader that is asked', () => {
  it('answers under the same name once a round after the question is confirmed', () => {
    const node = serving();
    const asked = node.receive('b', request(4));
    expect(sent(asked, 'b').some(({ message }) => message.kind === 'readReply')).toBe(false);
    const confirmed = node.receive('c', appendReply(1, 0, node.leader().round));
    expect(sent(confirmed, 'b').map(({ message }) => message)).toContainEqual({
      kind: 'readReply',
      term: 1,
      process: 99,
      counter: 4,
      index: 1,
    });
  });

  it('is silent in another term than the asker, and out of office', () => {
    const node = serving();
    node.receive('b', { ...request(1), term: term(2) });
    expect(node.state.role.kind).toBe('follower');
    const other = new TestNode({ term: 3 }).elect();
    expect(sent(other.receive('b', request(1)), 'b')).toEqual([]);
  });
});

describe('R17: a read that may be stale', () => {
  it('is served while what was confirmed was asked for within the bound, and applied', () => {
    const node = following();
    read(node, 1);
    node.nowMs = 50;
    node.receive('b', answer(1));
    node.nowMs = 100;
    expect(readable(read(node, 2, 100))).toEqual(['2@1']);
    node.nowMs = 101;
    expect(readable(read(node, 3, 100))).toEqual([]);
  });

  it('asks anew where what was confirmed is not applied here', () => {
    const node = following();
    read(node, 1);
    node.receive('b', answer(1, 2));
    expect(sent(read(node, 2, 100))).toMatchObject([{ message: { kind: 'readRequest', counter: 2 } }]);
  });

  it('is not served because the leader was heard a moment ago', () => {
    const node = following();
    expect(readable(read(node, 1, 1000))).toEqual([]);
  });
});
