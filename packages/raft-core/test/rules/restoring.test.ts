/** What waits for a snapshot that is being restored, or was delivered just now. Source: Raft §7; rule R33. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId, term, type Effect } from '../../src/index.ts';
import { append, appendRefusal, configuration, only } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';
import { told } from '../support/told.ts';

const BASE = {
  index: logIndex(5),
  term: term(1),
  configuration: configuration('a b c'),
  configurationIndex: logIndex(0),
};

function handedToMachine(effects: readonly Effect[]): readonly string[] {
  return effects.map(({ kind }) => kind).filter((kind) => kind === 'apply' || kind === 'installSnapshot');
}

describe('R33: entries behind a snapshot', () => {
  it('are handed to the machine once it has answered for the snapshot', () => {
    const node = new TestNode();
    node.input({ kind: 'snapshotReceived', from: nodeId('b'), base: BASE });
    expect(handedToMachine(node.persistAll())).toEqual(['installSnapshot']);
    node.receive('b', append({ term: 1, prev: '5@1', entries: '6@1', commit: 6 }));
    expect(handedToMachine(node.persistAll())).toEqual([]);
    expect(handedToMachine(node.applied(5))).toEqual(['apply']);
  });
});

describe('R33: a compaction that waited for a peer to get the snapshot before', () => {
  it('waits on from when that is there, for the entries that follow it', () => {
    const options = { compactionWaitMaxMs: 200, snapshotTimeoutMs: 1000 };
    const node = new TestNode({ log: '1@1 2@1', options }).elect();
    node.matched('b', 3);
    node.applied(3);
    node.input({ kind: 'compacted', index: logIndex(3) });
    node.elapse(200);
    expect(only(node.receive('c', appendRefusal(2, 3, '0@0')), 'sendSnapshot')).toHaveLength(1);
    node.propose(1);
    node.persistAll();
    node.matched('b', 4);
    node.applied(4);
    node.input({ kind: 'compacted', index: logIndex(4) });
    node.elapse(300);

    const effects = node.matched('c', 3);
    expect(only(effects, 'persist')).toEqual([]);
    expect(told(effects, 'c')).toEqual(['c append t2 prev=3@2 [4@2], at once']);
    expect(only(node.elapse(199), 'persist')).toEqual([]);
    expect(only(node.elapse(1), 'persist')).toMatchObject([{ newBase: { base: { index: 4 } } }]);
  });
});
