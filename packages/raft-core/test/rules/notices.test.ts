/** A moved commit index without entries to carry it. Source: DESIGN of the core's contract in ARCHITECTURE.md. */

import { describe, expect, it } from 'vitest';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

/** A leader whose entry 2 was just committed by the answer of `b`; `b` and `c` are sent nothing more. */
function committing(): TestNode {
  const node = new TestNode().elect();
  node.matched('b', 1);
  node.matched('c', 1);
  node.elapse(5);
  node.propose(1);
  node.persistAll();
  expect(told(node.matched('b', 2))).toEqual([]);
  expect(node.state.commitIndex).toBe(2);
  return node;
}

describe('a moved commit index', () => {
  it('goes alone after a moment, once', () => {
    const node = committing();
    expect(told(node.elapse(4))).toEqual([]);
    expect(told(node.elapse(1))).toEqual([
      'b append t1 prev=2@1 [], at once',
      'c append t1 prev=2@1 [], at once',
    ]);
    expect(told(node.elapse(50))).toEqual([]);
  });

  it('goes with the next entries where there are some', () => {
    const node = committing();
    expect(told(node.propose(2))).toHaveLength(2);
    expect(told(node.elapse(5))).toEqual([]);
  });

  it('goes to no peer that is probed: the answer to a probe comes first', () => {
    const node = new TestNode({ log: '1@1 2@1' }).elect();
    node.matched('b', 3);
    expect(node.state.commitIndex).toBe(3);
    // It would take over 2 of it, were it told.
    expect(node.progress('c')).toMatchObject({ sentCommit: 0, nextIndex: 3, flow: { kind: 'probing' } });
    expect(told(node.elapse(5))).toEqual(['b append t2 prev=3@2 [], at once']);
    expect(node.leader().commitNoticeDueMs).toBeNull();
  });
});
