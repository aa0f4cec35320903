/** Every request ends, and ends once. Source: DESIGN of the core's contract; rules R1, R6, R16; Raft §8. */

import { describe, expect, it } from 'vitest';
import { nodeId, ref } from '../../src/index.ts';
import type { Effect, Input } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  appendReply,
  only,
  preVoteReply,
  roundReply,
  voteReply,
} from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';

/** `ref outcome` of each request that ended, a confirmed read too. */
function ended(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'readable') return [`${effect.ref} readable`];
    if (effect.kind !== 'result') return [];
    return [`${effect.ref} ${effect.outcome}${effect.outcome === 'refused' ? ` ${effect.reason}` : ''}`];
  });
}

function receiving(message: ReturnType<typeof append> | ReturnType<typeof voteReply>): Input {
  return { kind: 'receive', from: nodeId('b'), message };
}

function withQuota(uncommittedBytesMax: number): TestNode {
  const node = new TestNode({ options: { uncommittedBytesMax } }).elect();
  node.matched('b', 1);
  return node;
}

describe('R1: exactly one outcome, however office is lost', () => {
  const LOSSES: Readonly<
    Record<string, { readonly input: Input; readonly afterMs?: number; readonly reason?: string }>
  > = {
    'an append of a later term': { input: receiving(append({ term: 9 })) },
    'a success of a later term': {
      input: { kind: 'receive', from: nodeId('b'), message: appendReply(9, 0) },
    },
    'a refusal of a later term': {
      input: { kind: 'receive', from: nodeId('b'), message: appendRefusal(9, 0, '0@0') },
    },
    'an echo of a later term': { input: { kind: 'receive', from: nodeId('b'), message: roundReply(9, 0) } },
    'a vote refused in a later term': { input: receiving(voteReply(9, false)) },
    'a pre-vote refused in a later term': {
      input: { kind: 'receive', from: nodeId('b'), message: preVoteReply(9, false) },
    },
    'a quorum that is silent': { input: { kind: 'timer' }, afterMs: 1000 },
    'a disk that failed': { input: { kind: 'persistFailed' }, reason: 'failed' },
  };

  for (const [loss, { input, afterMs = 0, reason = 'not-leader' }] of Object.entries(LOSSES)) {
    it(`ends all requests after ${loss}`, () => {
      const node = new TestNode().elect();
      node.matched('b', 1);
      node.effects.length = 0;
      // One is committed in this very turn, three are not; one read is in a round, one waits for the flush.
      for (const number of [1, 2, 3]) node.propose(number);
      node.read(4);
      node.persistAll();
      node.step({ kind: 'read', ref: ref(5) });
      node.step({ kind: 'propose', ref: ref(6), data: new Uint8Array(0) });
      node.step({ kind: 'receive', from: nodeId('b'), message: appendReply(1, 2) });
      node.nowMs += afterMs;
      node.input(input);
      expect(node.state.role.kind).not.toBe('leader');
      expect(ended(node.effects)).toEqual([
        '1 committed',
        '2 unknown',
        '3 unknown',
        '6 unknown',
        `4 refused ${reason}`,
        `5 refused ${reason}`,
      ]);
      node.effects.length = 0;
      node.elapse(1);
      node.receive('b', appendReply(1, 4));
      expect(ended(node.effects)).toEqual([]);
    });
  }

  it('ends all requests after a disk that stood still', () => {
    const node = new TestNode().elect();
    node.propose(1);
    for (let waited = 0; waited < 1000; waited += 500) {
      node.receive('b', appendReply(1, 0));
      node.elapse(500);
    }
    expect(ended(node.effects)).toEqual(['1 unknown']);
  });

  it('names the leader of the later term, where one speaks', () => {
    const node = new TestNode().elect();
    node.propose(1);
    expect(only(node.receive('b', append({ term: 9 })), 'result')).toEqual([
      { kind: 'result', ref: 1, outcome: 'unknown', leader: 'b' },
    ]);
  });

  it('calls a proposal committed only where it is: at its own index and term', () => {
    const node = new TestNode({ log: '1@1', term: 3 }).elect();
    node.step({ kind: 'propose', ref: ref(7), data: new Uint8Array(0) });
    node.propose(8);
    node.persistAll();
    expect(only(node.matched('b', 3), 'result')).toEqual([
      { kind: 'result', ref: 7, outcome: 'committed', term: 4, index: 3 },
    ]);
    expect(only(node.matched('c', 4), 'result')).toEqual([
      { kind: 'result', ref: 8, outcome: 'committed', term: 4, index: 4 },
    ]);
  });
});

describe('R1: refusals of proposals', () => {
  it('come from every role but the leader’s, with the leader that is known', () => {
    const node = new TestNode();
    const refused = { kind: 'result', outcome: 'refused', reason: 'not-leader' };
    expect(node.propose(1)).toEqual([{ ...refused, ref: 1, leader: null }]);
    node.receive('b', append({ term: 1 }));
    expect(node.propose(2)).toEqual([{ ...refused, ref: 2, leader: 'b' }]);
    node.input({ kind: 'campaign' });
    expect(node.propose(3)).toEqual([{ ...refused, ref: 3, leader: null }]);
    node.receive('b', preVoteReply(2, true));
    expect(node.propose(4)).toEqual([{ ...refused, ref: 4, leader: null }]);
  });

  it('leave the log as it was', () => {
    const node = new TestNode({ options: { uncommittedBytesMax: 1 } }).elect();
    node.propose(1);
    expect(node.log()).toBe('1@1');
  });

  it('come beyond the quota of uncommitted bytes, an entry counting 64 and its payload', () => {
    const node = withQuota(140);
    expect(ended(node.propose(1, new Uint8Array(6)))).toEqual([]);
    expect(ended(node.propose(2, new Uint8Array(7)))).toEqual(['2 refused too-many-uncommitted-bytes']);
    expect(ended(node.propose(3, new Uint8Array(6)))).toEqual([]);
    expect(ended(node.propose(4, new Uint8Array(0)))).toEqual(['4 refused too-many-uncommitted-bytes']);
  });

  it('end when what was uncommitted is committed', () => {
    const node = withQuota(70);
    node.propose(1, new Uint8Array(6));
    expect(ended(node.propose(2, new Uint8Array(6)))).toEqual(['2 refused too-many-uncommitted-bytes']);
    node.persistAll();
    node.matched('b', 2);
    expect(ended(node.propose(3, new Uint8Array(6)))).toEqual([]);
  });

  it('spare one entry of any size while nothing is uncommitted', () => {
    const node = withQuota(70);
    expect(ended(node.propose(1, new Uint8Array(1000)))).toEqual([]);
    expect(node.log()).toBe('1@1 2@1');
  });

  it('spare the no-op, without which nothing would ever be committed again', () => {
    const node = new TestNode({ log: '1@1 2@1', options: { uncommittedBytesMax: 1 } }).elect();
    expect(node.log()).toBe('1@1 2@1 3@2');
    node.matched('b', 3);
    expect(node.state.commitIndex).toBe(3);
    expect(ended(node.propose(1))).toEqual([]);
  });
});
