/** How much of the log memory keeps. Source: rule R9; DESIGN of the core's contract in ARCHITECTURE.md. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId } from '../../src/index.ts';
import type { NodeOptions } from '../../src/index.ts';
import { append, appendRefusal, entries, only } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

/** One byte; with what every entry counts, 65. */
const BYTE = new Uint8Array(1);

/** The entries up to `last` of a leader are proposed, written and, where others are needed for it, matched by `c`. */
function write(node: TestNode, last: number, data = BYTE): void {
  for (let index = lastOf(node) + 1; index <= last; index += 1) {
    node.propose(index, data);
    node.persistAll();
    if (node.leader().progress.length > 0) node.matched('c', index);
  }
}

function lastOf(node: TestNode): number {
  const { tail } = node.state.log;
  return tail.firstIndex + tail.entries.length - 1;
}

/** The first and the last index in memory. */
function kept(node: TestNode): readonly [number, number] {
  return [node.state.log.tail.firstIndex, lastOf(node)];
}

function lone(options: Partial<NodeOptions>): TestNode {
  const node = new TestNode({ voters: 'a', options });
  node.input({ kind: 'campaign' });
  node.persistAll();
  node.persistAll();
  return node;
}

/** A leader of term 1 to which `b` and `c` replicate, and memory for one entry that nobody needs. */
function leading(options: Partial<NodeOptions> = {}): TestNode {
  const node = new TestNode({ options: { tailEntriesMax: 1, tailBytesMax: 1, ...options } }).elect();
  node.matched('b', 1);
  node.matched('c', 1);
  node.applied(1);
  return node;
}

describe('R9: the bounds of the tail', () => {
  it('keep the last entries that are applied, in number', () => {
    const node = lone({ tailEntriesMax: 3 });
    write(node, 10);
    node.applied(10);
    expect(kept(node)).toEqual([8, 10]);
  });

  it('keep the last entries that are applied, in bytes', () => {
    const node = lone({ tailBytesMax: 3 * 65 });
    write(node, 10);
    node.applied(10);
    expect(kept(node)).toEqual([8, 10]);
  });

  it('bind a follower as well', () => {
    const node = new TestNode({ options: { tailEntriesMax: 2 } });
    node.receive('b', append({ term: 1, entries: '1@1 2@1 3@1 4@1', commit: 4 }));
    node.persistAll();
    expect(kept(node)).toEqual([1, 4]);
    node.applied(4);
    expect(kept(node)).toEqual([3, 4]);
  });

  it('spare what is not applied, whatever its size', () => {
    const node = lone({ tailEntriesMax: 1, tailBytesMax: 1, peerTailBytesMax: 1 });
    write(node, 10);
    node.applied(4);
    expect(kept(node)).toEqual([5, 10]);
  });

  it('spare what a peer that streams has not matched', () => {
    const node = leading();
    write(node, 6);
    node.applied(6);
    expect(kept(node)).toEqual([2, 6]);
    node.matched('b', 4);
    expect(kept(node)).toEqual([5, 6]);
  });

  it('spare it up to a bound of their own', () => {
    const node = leading({ peerTailBytesMax: 2 * 65 });
    write(node, 6);
    node.applied(6);
    expect(kept(node)).toEqual([5, 6]);
  });

  it('stay where they are for a peer that catches up through the disk, as long as it answers', () => {
    const node = leading();
    write(node, 4);
    node.matched('b', 4);
    node.applied(4);
    const [first] = kept(node);
    expect(first).toBe(5);
    // It lost its log.
    node.disconnected('b', true);
    node.receive('b', appendRefusal(1, 4, '0@0'));
    write(node, 8);
    node.applied(8);
    expect(kept(node)).toEqual([5, 8]);
    node.nowMs = 499;
    write(node, 9);
    node.applied(9);
    expect(kept(node)).toEqual([5, 9]);
    node.nowMs = 500;
    write(node, 10);
    node.applied(10);
    expect(kept(node)).toEqual([11, 10]);
  });

  it('count as under way what a peer has not matched and the tail has let go', () => {
    const node = leading({ inFlightBytesMax: 1000, peerTailBytesMax: 1 });
    write(node, 2, new Uint8Array(1000));
    node.applied(2);
    expect(kept(node)).toEqual([3, 2]);
    // By what can still be counted the window has room.
    expect(told(node.propose(3, BYTE), 'b')).toEqual([]);
    expect(told(node.matched('b', 2), 'b')).toEqual(['b append t1 prev=2@1 [3@1], at once']);
  });

  it('make a peer catch up through the disk that was left behind', () => {
    const node = leading({ peerTailBytesMax: 65 });
    write(node, 6);
    node.applied(6);
    node.disconnected('b', false);
    const [fetch] = only(node.effects, 'fetch');
    expect(fetch).toMatchObject({ peer: 'b', from: 2, through: 5 });
    const answer = { peer: nodeId('b'), from: logIndex(2), entries: entries('2@1 3@1') };
    expect(told(node.input({ kind: 'fetched', ...answer }), 'b')).toEqual([
      'b append t1 prev=1@1 [2@1 3@1], at once',
    ]);
  });
});
