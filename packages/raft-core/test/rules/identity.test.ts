/** How a cluster gets its id. Source: rule R27. */

import { describe, expect, it } from 'vitest';
import { OptionsError } from '../../src/index.ts';
import { append, entries, only } from '../support/messages.ts';
import { TestNode } from '../support/test-node.ts';

const PROPOSAL = new Uint8Array(16).map((_, at) => 100 + at);

describe('R27: the identity of a cluster', () => {
  it('is minted by the first leader’s first entry, from the bytes of its host', () => {
    const node = new TestNode({ options: { clusterIdProposal: PROPOSAL } }).elect();
    expect(node.state.log.tail.entries.slice()).toEqual([
      { index: 1, term: 1, kind: 'no-op', data: PROPOSAL },
    ]);
  });

  it('is minted once: the first entry of a later leader carries nothing', () => {
    const node = new TestNode({ log: '1@1', options: { clusterIdProposal: PROPOSAL } }).elect();
    expect(node.state.log.tail.entries.at(1)).toEqual({
      index: 2,
      term: 2,
      kind: 'no-op',
      data: new Uint8Array(0),
    });
  });

  it('is the one that was committed, not the one that was proposed', () => {
    const node = new TestNode({ options: { clusterIdProposal: PROPOSAL } });
    const [minted] = entries('1@1').map((entry) => ({ ...entry, kind: 'no-op' as const }));
    if (minted === undefined) throw new Error('one entry was made');
    node.receive('b', { ...append({ term: 1, commit: 1 }), entries: [minted] });
    const effects = node.persistAll();
    expect(only(effects, 'apply')).toEqual([{ kind: 'apply', entries: [minted] }]);
  });

  it('may change hands before it is committed: whose first entry survives, names the cluster', () => {
    const node = new TestNode({ options: { clusterIdProposal: PROPOSAL } }).elect();
    const [minted] = entries('1@2');
    if (minted === undefined) throw new Error('one entry was made');
    node.receive('b', append({ term: 2, entries: '1@2', commit: 1 }));
    expect(only(node.persistAll(), 'apply')).toEqual([{ kind: 'apply', entries: [minted] }]);
  });

  it('needs 16 bytes', () => {
    for (const length of [0, 15, 17]) {
      const clusterIdProposal = new Uint8Array(length);
      expect(() => new TestNode({ options: { clusterIdProposal } })).toThrow(OptionsError);
    }
  });
});
