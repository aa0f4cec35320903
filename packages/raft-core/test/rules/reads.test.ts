/** Reads that see every write acknowledged before them. Source: rules R16, R18; Raft §8; Diss. §6.4. */

import { describe, expect, it } from 'vitest';
import { ref } from '../../src/index.ts';
import type { Effect } from '../../src/index.ts';
import {
  append,
  appendRefusal,
  appendReply,
  only,
  roundReply,
  sent,
  voteReply,
} from '../support/messages.ts';
import { TestNode, type TestNodeSetup } from '../support/test-node.ts';

/** A leader whose no-op is committed. */
function serving(setup: TestNodeSetup = {}): TestNode {
  const node = new TestNode(setup).elect();
  for (const { id } of node.leader().progress) node.matched(id, node.leader().firstIndex);
  expect(node.state.commitIndex).toBe(node.leader().firstIndex);
  return node;
}

/** `ref@index` of each read confirmed. */
function readable(effects: readonly Effect[]): string[] {
  return only(effects, 'readable').map((effect) => `${effect.ref}@${effect.index}`);
}

function rounds(effects: readonly Effect[], to: string): number[] {
  return sent(effects, to).map(({ message }) => ('round' in message ? message.round : -1));
}

describe('R16: when a read may begin', () => {
  it('waits until an entry of the leader’s own term is committed', () => {
    const node = new TestNode({ log: '1@1 2@1', commit: 2 }).elect();
    node.read(1);
    node.receive('b', appendReply(2, 2));
    node.receive('c', appendReply(2, 2));
    expect(readable(node.effects)).toEqual([]);
    expect(node.leader().readRounds).toEqual([]);
    node.receive('b', appendReply(2, 3));
    expect(node.leader().readRounds).toEqual([{ round: 1, index: 3, refs: [1] }]);
  });

  it('takes the commit index of the flush, for all reads that wait', () => {
    const node = serving();
    node.step({ kind: 'read', ref: ref(1) });
    node.propose(9);
    node.persistAll();
    node.step({ kind: 'read', ref: ref(2) });
    node.step({ kind: 'read', ref: ref(3) });
    node.matched('b', 2);
    expect(node.leader().readRounds).toEqual([{ round: 2, index: 2, refs: [2, 3] }]);
  });

  it('sends the number of its round in the messages after it, to every peer', () => {
    const node = serving();
    const effects = node.read(1);
    expect([rounds(effects, 'b'), rounds(effects, 'c')]).toEqual([[1], [1]]);
  });

  it('needs no message of its own where entries go out', () => {
    const node = serving();
    node.step({ kind: 'read', ref: ref(1) });
    expect(rounds(node.propose(2), 'b')).toEqual([1]);
  });

  it('is confirmed by no answer to an earlier message', () => {
    const node = serving();
    node.read(1);
    expect(readable(node.receive('b', appendReply(1, 1, 0)))).toEqual([]);
    expect(readable(node.receive('b', roundReply(1, 0)))).toEqual([]);
    expect(readable(node.receive('b', appendReply(1, 1, 1)))).toEqual(['1@1']);
  });

  it('has at most two rounds under way; later reads share the next', () => {
    const node = serving();
    node.read(1);
    node.read(2);
    node.read(3);
    node.read(4);
    expect(node.leader()).toMatchObject({ round: 2, readRounds: [{ refs: [1] }, { refs: [2] }] });
    const effects = node.receive('b', roundReply(1, 1));
    expect(readable(effects)).toEqual(['1@1']);
    expect(rounds(effects, 'b')).toEqual([3]);
    expect(node.leader().readRounds).toMatchObject([{ round: 2 }, { round: 3, refs: [3, 4] }]);
  });

  it('never uses the number of a round twice in a term', () => {
    const node = serving();
    for (const number of [1, 2, 3]) {
      node.read(number);
      expect(node.leader().round).toBe(number);
      node.receive('b', roundReply(1, number));
      expect(node.leader().readRounds).toEqual([]);
    }
  });
});

describe('R16: what confirms a round', () => {
  for (const [name, reply] of [
    ['a success', appendReply(1, 1, 1)],
    ['a refused append', appendRefusal(1, 1, '0@0', 1)],
    ['a roundReply', roundReply(1, 1)],
  ] as const) {
    it(`is ${name} of the current term`, () => {
      const node = serving();
      node.read(1);
      expect(readable(node.receive('b', reply))).toEqual(['1@1']);
    });
  }

  it('is the echo of a later round, for all earlier ones', () => {
    const node = serving();
    node.read(1);
    node.read(2);
    expect(readable(node.receive('b', roundReply(1, 2)))).toEqual(['1@1', '2@1']);
  });

  it('is a quorum of the voters, the leader counted once', () => {
    const node = serving({ voters: 'a b c d e' });
    node.read(1);
    expect(readable(node.receive('b', roundReply(1, 1)))).toEqual([]);
    expect(readable(node.receive('b', roundReply(1, 1)))).toEqual([]);
    expect(readable(node.receive('c', roundReply(1, 1)))).toEqual(['1@1']);
  });

  it('is no answer of another term', () => {
    const node = serving({ term: 4 });
    node.read(1);
    expect(readable(node.receive('b', roundReply(4, 1)))).toEqual([]);
  });

  it('is no echo of a round of an earlier term, when its leader leads again', () => {
    // b answers an append of term 1 with round 1 late, when it is in term 3 and a has come to lead term 3.
    const late = new TestNode({ id: 'b', term: 3 }).receive('a', append({ term: 1, round: 1 }));
    const node = serving({ term: 2 });
    node.read(1);
    expect(node.leader().readRounds).toMatchObject([{ round: 1 }]);
    for (const { message } of sent(late)) expect(readable(node.receive('b', message))).toEqual([]);
    expect(node.leader().readRounds).toHaveLength(1);
  });

  it('is nobody’s answer where the leader is the only voter, once its own entry is committed', () => {
    const node = new TestNode({ voters: 'a', log: '1@1', commit: 1 });
    node.input({ kind: 'campaign' });
    node.persistAll();
    expect(readable(node.read(1))).toEqual([]);
    expect(readable(node.persistAll())).toEqual(['1@2']);
    expect(readable(node.read(2))).toEqual(['2@2']);
  });

  it('does not wait for the index to be applied, which the runtime does', () => {
    const node = serving();
    node.read(1);
    expect(node.state.appliedIndex).toBe(0);
    expect(readable(node.receive('c', roundReply(1, 1)))).toEqual(['1@1']);
  });
});

describe('R16: reads that are refused', () => {
  it('are those beyond waitingReadsMax, which counts reads in rounds too', () => {
    const node = serving({ options: { waitingReadsMax: 3 } });
    node.read(1);
    node.read(2);
    node.read(3);
    expect(node.leader().readRounds).toHaveLength(2);
    expect(only(node.read(4), 'result')).toEqual([
      { kind: 'result', ref: 4, outcome: 'refused', reason: 'too-many-waiting-reads', leader: 'a' },
    ]);
    node.receive('b', roundReply(1, 2));
    expect(only(node.read(5), 'result')).toEqual([]);
  });

  it('are all that wait, in rounds or not, where office is lost', () => {
    const node = serving();
    node.read(1);
    node.read(2);
    node.read(3);
    const effects = node.receive('b', append({ term: 9 }));
    const refused = { kind: 'result', outcome: 'refused', reason: 'not-leader', leader: 'b' };
    expect(only(effects, 'result')).toEqual([1, 2, 3].map((number) => ({ ...refused, ref: number })));
    expect(readable(effects)).toEqual([]);
  });

  it('are none that were confirmed in the same turn before office was lost', () => {
    const node = serving();
    node.read(1);
    node.step({
      kind: 'receive',
      from: node.leader().progress[0]?.id ?? node.state.options.id,
      message: roundReply(1, 1),
    });
    const effects = node.receive('c', voteReply(9, false));
    expect(node.state.role.kind).toBe('follower');
    expect(readable(effects)).toEqual(['1@1']);
    expect(only(effects, 'result')).toEqual([]);
  });

  it('are those of a node that does not lead; it names the leader that it knows', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1 }));
    expect(node.read(1)).toEqual([
      { kind: 'result', ref: 1, outcome: 'refused', reason: 'not-leader', leader: 'b' },
    ]);
  });
});

describe('R18: time', () => {
  it('that goes back is taken for the last', () => {
    const node = new TestNode();
    node.elapse(300);
    node.nowMs = 100;
    node.input({ kind: 'timer' });
    expect(node.state.nowMs).toBe(300);
    node.nowMs = 301;
    node.input({ kind: 'timer' });
    expect(node.state.nowMs).toBe(301);
  });

  it('that goes back neither ends loyalty nor begins it anew', () => {
    const node = new TestNode();
    node.nowMs = 300;
    node.receive('b', append({ term: 1 }));
    node.nowMs = 0;
    node.receive('b', append({ term: 1 }));
    expect(node.state).toMatchObject({ leaderHeardMs: 300, electionFromMs: 300 });
  });
});
