/** Entries that the memory has let go, and the disk reads again. Source: rule R5. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId } from '../../src/index.ts';
import type { NodeId } from '../../src/index.ts';
import { appendRefusal, entries, only, sent } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

function fetched(node: TestNode, peer: NodeId | null, from: number, text: string) {
  return node.input({ kind: 'fetched', peer, from: logIndex(from), entries: entries(text) });
}

// The peer lacks entries that only the disk of the leader holds.
function leaderThatReads(): TestNode {
  const node = new TestNode({ log: '1@1 2@1 3@2', tailLength: 1 }).elect();
  const effects = node.receive('b', appendRefusal(3, 3, '0@0'));
  expect(only(effects, 'fetch')).toMatchObject([{ peer: 'b', from: 1, through: 2 }]);
  return node;
}

describe('R5: index and term name an entry', () => {
  it('reads what is to be applied below the tail from the disk', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 3, tailLength: 1 });
    const effects = node.flush();
    expect(only(effects, 'fetch')).toMatchObject([{ peer: null, from: 1, through: 2 }]);
    expect(only(effects, 'apply')).toEqual([]);

    const applied = fetched(node, null, 1, '1@1 2@1');
    expect(only(applied, 'apply').flatMap((apply) => apply.entries.map(({ index }) => index))).toEqual([
      1, 2, 3,
    ]);
  });

  it('asks again for entries to apply whose term is not the one in its table', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 3, tailLength: 1 });
    node.flush();
    const effects = fetched(node, null, 1, '1@1 2@0');
    expect(only(effects, 'apply')).toMatchObject([{ entries: [{ index: 1 }] }]);
    expect(only(node.applied(1), 'fetch')).toMatchObject([{ peer: null, from: 2, through: 2 }]);
  });

  it('reads no further ahead of the machine than one batch', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 3, tailLength: 1 });
    node.flush();
    fetched(node, null, 1, '1@1');
    expect(only(node.flush(), 'fetch')).toEqual([]);
    expect(only(node.applied(1), 'fetch')).toMatchObject([{ peer: null, from: 2, through: 2 }]);
  });

  it('asks again where nothing could be read', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 3, tailLength: 1 });
    node.flush();
    expect(only(fetched(node, null, 1, ''), 'fetch')).toMatchObject([{ peer: null, from: 1, through: 2 }]);
  });

  it('applies nothing twice where an answer comes twice', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 3, tailLength: 1 });
    node.flush();
    fetched(node, null, 1, '1@1 2@1');
    expect(only(fetched(node, null, 1, '1@1 2@1'), 'apply')).toEqual([]);
  });

  it('applies nothing twice where an answer comes again while the next is awaited', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1', commit: 3, tailLength: 1 });
    node.flush();
    fetched(node, null, 1, '1@1');
    expect(only(node.applied(1), 'fetch')).toMatchObject([{ peer: null, from: 2 }]);
    expect(fetched(node, null, 1, '1@1')).toEqual([]);
    const applied = only(fetched(node, null, 2, '2@1'), 'apply');
    expect(applied.flatMap((apply) => apply.entries.map(({ index }) => index))).toEqual([2, 3]);
  });

  it('sends a peer what was read for it', () => {
    const node = leaderThatReads();
    expect(told(fetched(node, nodeId('b'), 1, '1@1 2@1'))).toEqual([
      'b append t3 prev=0@0 [1@1 2@1], at once',
    ]);
  });

  it('sends a peer nothing from an entry on whose term is another', () => {
    const node = leaderThatReads();
    expect(told(fetched(node, nodeId('b'), 1, '1@1 2@2'))).toEqual(['b append t3 prev=0@0 [1@1], at once']);
  });

  it('reads a batch once for a peer whose disk is slow, and what follows when it has arrived', () => {
    const node = new TestNode({ log: '1@1 2@1 3@1 4@2', tailLength: 1 }).elect();
    node.receive('b', appendRefusal(3, 4, '0@0'));
    fetched(node, nodeId('b'), 1, '1@1 2@1');
    node.effects.length = 0;
    for (let heartbeat = 0; heartbeat < 5; heartbeat += 1) {
      node.matched('b', 0);
      node.elapse(100);
    }
    expect(only(node.effects, 'fetch')).toEqual([]);
    expect(told(node.effects, 'b').filter((line) => !line.includes('[]'))).toEqual([]);
    expect(only(node.matched('b', 2), 'fetch')).toMatchObject([{ peer: 'b', from: 3, through: 3 }]);
  });

  it('asks the disk again for a peer when the heartbeat finds it at the same place', () => {
    const node = leaderThatReads();
    expect(sent(fetched(node, nodeId('b'), 1, '1@2 2@2'))).toEqual([]);
    expect(told(node.elapse(100), 'b')).toEqual(['b append t3 prev=0@0 [], at once']);
    expect(only(node.matched('b', 0), 'fetch')).toMatchObject([{ peer: 'b', from: 1, through: 2 }]);
  });
});
