/** How far this node's own disk is known to hold its log. Source: rules R4, R8. */

import { describe, expect, it } from 'vitest';
import { nodeId } from '../../src/index.ts';
import { append, only, preVoteReply } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { recordAfter, told } from '../support/told.ts';

// The same index is written, replaced, and written as at first, and the disk is slow: A, B, A.
function writtenThrice(): TestNode {
  const node = new TestNode();
  node.receive('b', append({ term: 2, entries: '1@2 2@2 3@2' }));
  node.receive('c', append({ term: 3, prev: '1@2', entries: '2@3 3@3' }));
  node.receive('b', append({ term: 4, prev: '1@2', entries: '2@2 3@2 4@4' }));
  expect(only(node.effects, 'persist').map(({ truncateFrom }) => truncateFrom)).toEqual([null, 2, 2]);
  return node;
}

describe('R4: the durable index follows writes, and truncation lowers it', () => {
  it('takes a report for all writes up to it, in one leap', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1' }));
    node.receive('b', append({ term: 1, prev: '1@1', entries: '2@1' }));
    node.receive('b', append({ term: 1, prev: '2@1', entries: '3@1' }));
    expect(node.state.disk.durableIndex).toBe(0);
    node.persisted(2);
    expect(node.state.disk.durableIndex).toBe(2);
    node.persisted(3);
    expect(node.state.disk.durableIndex).toBe(3);
  });

  it('changes nothing at a report that is late or repeated', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1' }));
    node.receive('b', append({ term: 1, prev: '1@1', entries: '2@1' }));
    node.persisted(2);
    const { disk } = node.state;
    node.persisted(1);
    expect(node.state.disk).toEqual(disk);
    node.persisted(2);
    expect(node.state.disk).toEqual(disk);
  });

  it('loses what a truncation removed, from the durable index', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1' });
    const effects = node.receive('b', append({ term: 2, prev: '1@1', entries: '2@2' }));
    expect(node.state.disk.durableIndex).toBe(1);
    expect(only(effects, 'persist')).toMatchObject([{ truncateFrom: 2 }]);
    expect(told(effects)).toEqual(['b appendReply t2 matched=2, after 1']);
  });

  it('loses all of it where the first entry is replaced', () => {
    const node = new TestNode({ log: '1@1 2@1' });
    node.receive('b', append({ term: 2, entries: '1@2' }));
    expect(node.state.disk.durableIndex).toBe(0);
  });

  it('loses what a truncation removed, from what every write under way will say', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 1, entries: '1@1 2@1 3@1' }));
    node.step({
      kind: 'receive',
      from: nodeId('c'),
      message: append({ term: 2, prev: '1@1', entries: '2@2' }),
    });
    node.persisted(1);
    expect(node.state.disk.durableIndex).toBe(1);
    node.persistAll();
    expect(node.state.disk.durableIndex).toBe(2);
  });

  it('counts an entry that came back only when its last write is done', () => {
    const node = writtenThrice();
    const durable = [1, 2, 3].map((write) => {
      node.persisted(write);
      return node.state.disk.durableIndex;
    });
    expect(durable).toEqual([1, 1, 4]);
  });

  it('agrees with the disk after each write of such a story', () => {
    const node = writtenThrice();
    for (const write of [1, 2, 3]) {
      node.persisted(write);
      const { tail } = recordAfter(node.effects, write);
      const { durableIndex } = node.state.disk;
      const held = tail.slice(0, durableIndex).map((entry) => `${entry.index}@${entry.term}`);
      expect(node.log().split(' ').slice(0, durableIndex)).toEqual(held);
    }
  });

  it('takes such a story in one report as well', () => {
    const node = writtenThrice();
    node.persisted(3);
    expect(node.state.disk.durableIndex).toBe(4);
    node.persisted(1);
    expect(node.state.disk.durableIndex).toBe(4);
  });

  it('acknowledges an entry that came back only after its last write', () => {
    const node = writtenThrice();
    node.persisted(1);
    const heartbeat = append({ term: 4, prev: '3@2' });
    expect(told(node.receive('b', heartbeat))).toContain('b appendReply t4 matched=3, after 3');
    node.persisted(3);
    expect(told(node.receive('b', heartbeat))).toEqual(['b appendReply t4 matched=3, at once']);
  });

  it('counts a leader’s own copy, its no-op included, only when it is on its disk', () => {
    const node = new TestNode({ log: '1@1' });
    node.input({ kind: 'campaign' });
    node.receive('b', preVoteReply(2, true));
    node.persistAll();
    node.receive('b', { kind: 'voteReply', term: node.state.currentTerm, isGranted: true });
    node.matched('b', 2);
    expect(node.state.commitIndex).toBe(0);
    node.persistAll();
    expect(node.state.commitIndex).toBe(2);
  });

  it('commits on others’ disks while its own is slow, but applies nothing before its own has it', () => {
    const node = new TestNode().elect();
    node.propose(1);
    node.matched('b', 2);
    const effects = node.matched('c', 2);
    expect(node.state.commitIndex).toBe(2);
    expect(node.effects.filter(({ kind }) => kind === 'result')).toMatchObject([
      { ref: 1, outcome: 'committed' },
    ]);
    expect(
      only([...node.effects], 'apply').flatMap((apply) => apply.entries.map(({ index }) => index)),
    ).toEqual([1]);
    expect(only(effects, 'persist')).toEqual([]);

    const applied = only(node.persistAll(), 'apply').flatMap((apply) =>
      apply.entries.map(({ index }) => index),
    );
    expect(applied).toEqual([2]);
  });

  it('lets a follower apply what is committed once it is on its own disk', () => {
    const node = new TestNode();
    const effects = node.receive('b', append({ term: 1, entries: '1@1 2@1', commit: 2 }));
    expect(node.state.commitIndex).toBe(2);
    expect(only(effects, 'apply')).toEqual([]);
    expect(only(node.persistAll(), 'apply')).toMatchObject([{ entries: [{ index: 1 }, { index: 2 }] }]);
  });

  it('hands out from the lowest index changed since the last flush', () => {
    const node = new TestNode({ log: '1@1 2@1' });
    const longer = node.receive('b', append({ term: 1, prev: '2@1', entries: '3@1' }));
    expect(only(longer, 'persist')).toMatchObject([{ truncateFrom: null, entries: [{ index: 3 }] }]);
    const other = node.receive('c', append({ term: 2, prev: '1@1', entries: '2@2' }));
    expect(only(other, 'persist')).toMatchObject([{ truncateFrom: 2, entries: [{ index: 2, term: 2 }] }]);
  });

  it('removes from the disk the last entry handed out, too, where another takes its place', () => {
    const node = new TestNode({ log: '1@1 2@1' });
    const effects = node.receive('c', append({ term: 2, prev: '1@1', entries: '2@2' }));
    expect(only(effects, 'persist')).toMatchObject([{ truncateFrom: 2, entries: [{ index: 2, term: 2 }] }]);
  });

  it('needs no truncation on disk for entries that were never handed out', () => {
    const node = new TestNode({ log: '1@1' });
    const replace = (from: string, term: number) =>
      node.step({
        kind: 'receive',
        from: nodeId(from),
        message: append({ term, prev: '1@1', entries: `2@${term}` }),
      });
    replace('b', 2);
    replace('c', 3);
    expect(only(node.flush(), 'persist')).toMatchObject([{ truncateFrom: null, entries: [{ term: 3 }] }]);
  });
});

describe('R8: hard state carries a commit index that its log covers', () => {
  it('leaves out of a batch the commit index that only the batch’s own entries reach', () => {
    const node = new TestNode({ log: '1@1' });
    const effects = node.receive('b', append({ term: 2, prev: '1@1', entries: '2@2 3@2', commit: 3 }));
    expect(node.state.commitIndex).toBe(3);
    expect(only(effects, 'persist')).toMatchObject([{ hardState: { commitIndex: 1 } }]);
  });

  it('recovers from a batch of which only the hard state reached the disk', () => {
    const node = new TestNode();
    node.receive('b', append({ term: 2, entries: '1@2 2@2', commit: 2 }));
    const [write] = only(node.effects, 'persist');
    const { commitIndex, currentTerm } = write!.hardState!;
    const torn = new TestNode({ term: currentTerm, commit: commitIndex });
    expect(torn.state).toMatchObject({ commitIndex: 0, currentTerm: 2 });
  });

  it('writes a moved commit index with the next batch', () => {
    const node = new TestNode({ log: '1@1 2@1' });
    node.receive('b', append({ term: 1, prev: '2@1', commit: 2 }));
    const effects = node.receive('b', append({ term: 1, prev: '2@1', entries: '3@1', commit: 2 }));
    expect(only(effects, 'persist')).toMatchObject([{ hardState: { commitIndex: 2 } }]);
  });

  it('makes no write for a moved commit index alone', () => {
    const node = new TestNode({ log: '1@1 2@1' });
    const effects = node.receive('b', append({ term: 1, prev: '2@1', commit: 2 }));
    expect(node.state.commitIndex).toBe(2);
    expect(only(effects, 'persist')).toEqual([]);
  });

  it('leaves the hard state out of a batch that does not change it', () => {
    const node = new TestNode({ log: '1@1' });
    const effects = node.receive('b', append({ term: 1, prev: '1@1', entries: '2@1' }));
    expect(only(effects, 'persist')).toMatchObject([{ hardState: null }]);
  });

  it('hands a restarted node’s committed entries to its state machine up to the recovered index, no further', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 2 });
    expect(only(node.flush(), 'apply').flatMap((apply) => apply.entries.map(({ index }) => index))).toEqual([
      1, 2,
    ]);
  });
});
