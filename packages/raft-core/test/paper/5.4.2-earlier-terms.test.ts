/** Committing entries from previous terms. Source: Raft §5.4.2, Figure 8. */

import { describe, expect, it } from 'vitest';
import { TestNode } from '../support/test-node.ts';

describe('§5.4.2 entries of earlier terms', () => {
  it('leaves an older-term entry uncommitted until one of its own is', () => {
    const node = new TestNode({ log: '1@1 2@2', term: 3 }).elect();
    expect(node.log()).toBe('1@1 2@2 3@4');

    node.matched('b', 2);
    expect(node.state.commitIndex).toBe(0);

    node.matched('b', 3);
    expect(node.state.commitIndex).toBe(3);
  });
});
