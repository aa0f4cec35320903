/** States share memory, and none sees what another appended. Source: rule R9. */

import { describe, expect, it } from 'vitest';
import { dump, flush, nodeId, ref, step } from '../../src/index.ts';
import type { Input, NodeState } from '../../src/index.ts';
import { SharedList } from '../../src/basics/shared-list.ts';
import { append, only } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';

function propose(state: NodeState, number: number): NodeState {
  const input: Input = { kind: 'propose', ref: ref(number), data: new Uint8Array([number]) };
  return step(state, input, state.nowMs);
}

function terms({ log }: NodeState): number[] {
  return log.tail.entries.slice().map((entry) => entry.term);
}

function read(state: NodeState, number: number): NodeState {
  return step(state, { kind: 'read', ref: ref(number) }, state.nowMs);
}

function receive(state: NodeState, from: string, term: number, entries: string): NodeState {
  const message = append({ term, prev: '1@1', entries });
  return step(state, { kind: 'receive', from: nodeId(from), message }, state.nowMs);
}

/** The requests that end where this state's disk fails. */
function lost(state: NodeState): number[] {
  const { effects } = flush(step(state, { kind: 'persistFailed' }, state.nowMs));
  return only(effects, 'result').map((result) => result.ref);
}

describe('R9: the shared tail', () => {
  it('lets two futures of one state append without seeing each other', () => {
    const { state } = new TestNode().elect();
    const one = propose(state, 1);
    const other = propose(state, 2);
    expect(one.log.tail.entries.at(1).data).toEqual(new Uint8Array([1]));
    expect(other.log.tail.entries.at(1).data).toEqual(new Uint8Array([2]));
    expect(state.log.tail.entries.length).toBe(1);
  });

  it('shows in a dump nothing that a later state appended', () => {
    const { state } = new TestNode().elect();
    const before = dump(state);
    propose(propose(state, 1), 2);
    expect(dump(state)).toEqual(before);
  });

  it('lets a state go on where a later one was truncated', () => {
    const node = new TestNode({ log: '1@1' });
    const longer = receive(node.state, 'b', 2, '2@2 3@2');
    const cut = receive(longer, 'c', 3, '2@3');
    const longest = receive(longer, 'b', 2, '2@2 3@2 4@2');
    expect([longer, cut, longest].map(terms)).toEqual([
      [1, 2, 2],
      [1, 3],
      [1, 2, 2, 2],
    ]);
  });

  it('keeps proposals, reads and effects of two futures apart as well', () => {
    const { state } = new TestNode().elect();
    const one = read(propose(state, 1), 11);
    const other = read(propose(state, 2), 12);
    expect(lost(one)).toEqual([1, 11]);
    expect(lost(other)).toEqual([2, 12]);
  });

  it('hands out entries that later appends do not lengthen', () => {
    const node = new TestNode().elect();
    node.matched('b', 1);
    const effects = node.propose(1);
    const write = effects.find((effect) => effect.kind === 'persist');
    expect(write?.entries).toHaveLength(1);
    node.propose(2);
    expect(write?.entries).toHaveLength(1);
  });

  it('appends in place only where the list ends where its array ends', () => {
    const list = SharedList.of([1]);
    const one = list.append(2);
    const other = list.append(3);
    const kept = one.keepFirst(1).appendAll([4, 5]);
    const dropped = one.dropFirst(1).append(6);
    expect([list, one, other, kept, dropped].map((each) => each.slice())).toEqual([
      [1],
      [1, 2],
      [1, 3],
      [1, 4, 5],
      [2, 6],
    ]);
  });
});
