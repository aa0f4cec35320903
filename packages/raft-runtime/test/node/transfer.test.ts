/** Leadership handed over through a node. Source: Diss. §3.10. */

import { nodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { Cluster } from '../support/cluster.ts';
import { bytes } from '../support/machine.ts';

describe('a transfer', () => {
  it('makes the target lead within messages, and answers', async () => {
    const cluster = await Cluster.elected();
    const done = cluster.node('a').transferLeadership(nodeId('b'));
    await cluster.world.settle();
    expect(await done).toBeNull();
    expect(cluster.leaders()).toEqual(['b']);
  });

  it('is refused with a reason, and proposals meanwhile with the target', async () => {
    const cluster = await Cluster.elected();
    await cluster.kill('c');
    const node = cluster.node('a');
    const refused = Promise.allSettled([
      node.transferLeadership(nodeId('c')),
      node.transferLeadership(nodeId('b')),
      node.propose(bytes('x')),
      cluster.node('b').transferLeadership(),
    ]);
    await cluster.world.elapse(1500);
    expect(await refused).toMatchObject([
      { reason: { code: 'RAFT_TRANSFER_REFUSED', reason: 'transfer-failed' } },
      { reason: { code: 'RAFT_TRANSFER_REFUSED', reason: 'transferring' } },
      { reason: { code: 'RAFT_NOT_LEADER', leader: 'c' } },
      { reason: { code: 'RAFT_NOT_LEADER', leader: 'a' } },
    ]);
    expect(cluster.leaders()).toEqual(['a']);
  });

  it('ends as unknown where the node is closed with it under way', async () => {
    const cluster = await Cluster.elected();
    await cluster.kill('c');
    const done = cluster.node('a').transferLeadership(nodeId('c'));
    const ended = Promise.allSettled([done]);
    await cluster.end(cluster.node('a').close());
    expect(await ended).toMatchObject([{ reason: { code: 'RAFT_OUTCOME_UNKNOWN' } }]);
  });
});

describe('status', () => {
  it('tells how far each peer is, where this node leads', async () => {
    const cluster = await Cluster.elected();
    const { peers, lastIndex } = cluster.node('a').status();
    expect(peers.map(({ id, matchIndex }) => [id, matchIndex])).toEqual([
      ['b', lastIndex],
      ['c', lastIndex],
    ]);
    expect(cluster.node('b').status().peers).toEqual([]);
  });
});
