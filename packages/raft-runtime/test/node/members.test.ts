/** What a node tells its host of who takes part. Rules R21, R25. */

import { nodeId } from '@raftkv/core';
import { expect, it } from 'vitest';
import { Cluster } from '../support/cluster.ts';

const CHANGED = {
  voters: [{ id: nodeId('a') }, { id: nodeId('b'), address: 'ws://b' }],
  learners: [{ id: nodeId('d'), address: 'ws://d' }],
};

it('is the configuration in force, with the addresses in it', async () => {
  const cluster = await Cluster.elected();
  await cluster.world.elapse(200);
  const node = cluster.node('a');
  expect(node.members()).toEqual({
    index: 0,
    isJoint: false,
    members: ['a', 'b', 'c'].map((id) => ({ id, address: null, role: 'voter' })),
  });
  const { index } = await cluster.end(node.changeMembership(CHANGED));
  expect(node.members()).toEqual({
    index,
    isJoint: false,
    members: [
      { id: 'a', address: null, role: 'voter' },
      { id: 'b', address: 'ws://b', role: 'voter' },
      { id: 'd', address: 'ws://d', role: 'learner' },
    ],
  });
});

it('names those who come and those who go while a change is under way', async () => {
  const cluster = await Cluster.elected();
  await cluster.world.elapse(200);
  const node = cluster.node('a');
  for (const name of ['b', 'c']) await cluster.kill(name);
  void node
    .changeMembership({ voters: [{ id: nodeId('a') }], learners: [{ id: nodeId('b') }] })
    .catch(() => {});
  await cluster.world.settle();
  const { isJoint, members } = node.members();
  expect(isJoint).toBe(true);
  // b is to be a learner, and votes until that is so.
  expect(members.map(({ id, role }) => `${id} ${role}`)).toEqual(['a voter', 'b voter', 'c voter']);
});

it('is nobody at a node that joins', async () => {
  const cluster = await Cluster.elected();
  cluster.spare('d');
  await cluster.start('d');
  expect(cluster.node('d').members()).toEqual({ index: 0, isJoint: false, members: [] });
});
