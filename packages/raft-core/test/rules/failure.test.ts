/** What becomes of a node whose disk failed. Source: rule R6. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId, ref, writeNumber } from '../../src/index.ts';
import type { Input } from '../../src/index.ts';
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

const FAILED: Input = { kind: 'persistFailed' };

const ROLES: Readonly<Record<string, () => TestNode>> = {
  follower: () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1' }));
    return node;
  },
  'pre-candidate': () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    return node;
  },
  candidate: () => {
    const node = new TestNode();
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(1, true));
    return node;
  },
  leader: () => new TestNode().elect(),
};

const LATER: readonly Input[] = [
  { kind: 'timer' },
  { kind: 'campaign' },
  { kind: 'persistFailed' },
  { kind: 'persisted', write: writeNumber(1) },
  { kind: 'applied', index: logIndex(1) },
  { kind: 'fetched', peer: null, from: logIndex(1), entries: [] },
  { kind: 'fetched', peer: nodeId('b'), from: logIndex(1), entries: [] },
  { kind: 'peerConnected', peer: nodeId('b') },
  { kind: 'peerDisconnected', peer: nodeId('b'), processGone: true },
  ...[
    append({ term: 9, entries: '1@9', commit: 1 }),
    voteRequest(9),
    voteReply(9, false),
    preVoteRequest(9),
    preVoteReply(9, false),
  ].map((message) => ({ kind: 'receive', from: nodeId('b'), message }) as const),
];

describe('R6: after persistFailed the state is final', () => {
  for (const [role, make] of Object.entries(ROLES)) {
    it(`ends a ${role} for good, and says so`, () => {
      const node = make();
      expect(node.state.role.kind).toBe(role);
      const effects = node.input(FAILED);
      expect(only(effects, 'changed')).toMatchObject([{ status: { role: 'failed', leader: null } }]);
      expect(node.wakeAtMs).toBeNull();
    });

    it(`hears nothing and says nothing after it was a ${role}`, () => {
      const node = make();
      node.input(FAILED);
      const { state } = node;
      for (const input of LATER) {
        expect({ input, effects: node.input(input) }).toEqual({ input, effects: [] });
        expect(node.wakeAtMs).toBeNull();
      }
      expect(node.state).toEqual(state);
    });

    it(`refuses what is asked of it after it was a ${role}`, () => {
      const node = make();
      node.input(FAILED);
      const refusal = { kind: 'result', outcome: 'refused', reason: 'failed', leader: null };
      expect(node.propose(1)).toEqual([{ ...refusal, ref: 1 }]);
      expect(node.read(2)).toEqual([{ ...refusal, ref: 2 }]);
    });
  }

  it('drops what this turn was about to send', () => {
    const node = new TestNode();
    node.step({ kind: 'receive', from: nodeId('b'), message: voteRequest(1) });
    const effects = node.input(FAILED);
    expect(sent(effects)).toEqual([]);
    expect(only(effects, 'persist')).toEqual([]);
  });

  it('ends proposals as unknown: they may be on other disks', () => {
    const node = new TestNode().elect();
    node.propose(1);
    node.propose(2);
    expect(only(node.input(FAILED), 'result')).toEqual([
      { kind: 'result', ref: 1, outcome: 'unknown', leader: null },
      { kind: 'result', ref: 2, outcome: 'unknown', leader: null },
    ]);
  });

  it('refuses reads that wait, those in rounds too', () => {
    const node = new TestNode().elect();
    node.matched('b', 1);
    node.read(1);
    node.step({ kind: 'read', ref: ref(2) });
    expect(node.leader().readRounds).toHaveLength(1);
    expect(only(node.input(FAILED), 'result')).toMatchObject([
      { ref: 1, outcome: 'refused', reason: 'failed' },
      { ref: 2, outcome: 'refused', reason: 'failed' },
    ]);
  });

  it('commits nothing any more', () => {
    const node = new TestNode().elect();
    node.propose(1);
    node.input(FAILED);
    node.receive('b', appendReply(1, 2));
    expect(node.state.commitIndex).toBe(0);
  });
});
