/** What waits for a snapshot that is being restored. Source: Raft §7; rule R33. */

import { describe, expect, it } from 'vitest';
import { logIndex, nodeId, term, type Effect } from '../../src/index.ts';
import { append, configuration } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';

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
