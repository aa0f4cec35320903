/** Members whose data directory was emptied, and strangers, among nodes that run. Rules R27, R28. */

import { nodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { EmptiedMemberError } from '../../src/index.ts';
import { Cluster } from '../support/cluster.ts';
import { bytes } from '../support/machine.ts';

describe('R28: a member whose data directory was emptied', () => {
  it('fails for good where a peer says so, and says how to rejoin', async () => {
    const cluster = await Cluster.elected();
    await cluster.kill('c');
    cluster.wipe('c');
    const { node, failures } = await cluster.start('c').catch(() => cluster.member('c'));
    expect(failures).toHaveLength(1);
    expect(failures[0]).toBeInstanceOf(EmptiedMemberError);
    expect(failures[0]?.message).toContain('remove c from the cluster');
    expect(node.status().role).toBe('failed');
    await expect(cluster.end(node.propose(bytes('x')))).rejects.toMatchObject({ code: 'RAFT_NODE_FAILED' });
  });

  it('does not help a peer that lacks what it once acknowledged to lead', async () => {
    const cluster = new Cluster();
    const [a, b, c] = [nodeId('a'), nodeId('b'), nodeId('c')];
    cluster.network.cut(b, c);
    for (const name of ['a', 'b', 'c']) await cluster.start(name);
    await cluster.elect('a');
    await cluster.world.elapse(200);
    // Committed by a and the old c alone.
    cluster.network.cut(a, b);
    const answer = cluster.node('a').propose(bytes('x'));
    await cluster.world.settle();
    await expect(answer).resolves.toBeDefined();
    await cluster.kill('a');
    await cluster.kill('c');

    cluster.wipe('c');
    cluster.network.heal(b, c);
    cluster.network.heal(a, b);
    const emptied = await cluster.start('c');
    await cluster.world.elapse(5000);
    expect(emptied.node.status()).toMatchObject({ isOnProbation: true, currentTerm: 0 });
    expect(cluster.node('b').status().role).not.toBe('leader');

    await cluster.start('a');
    await cluster.world.elapse(5000);
    expect(emptied.failures[0]).toBeInstanceOf(EmptiedMemberError);
    expect(cluster.member('b').machine.commands).toEqual(['x']);
  });

  it('is told by a message too, where the peer was empty when they met', async () => {
    const cluster = new Cluster();
    const [a, b, c] = [nodeId('a'), nodeId('b'), nodeId('c')];
    cluster.network.cut(a, b);
    cluster.network.cut(b, c);
    for (const name of ['a', 'b', 'c']) await cluster.start(name);
    await cluster.elect('a');
    void cluster.node('a').propose(bytes('x'));
    await cluster.world.settle();
    await cluster.kill('c');

    // The new c meets b, which knows nothing yet.
    cluster.wipe('c');
    cluster.network.cut(a, c);
    cluster.network.heal(b, c);
    const { node, notices } = await cluster.start('c');
    expect(node.status().isOnProbation).toBe(false);

    // Then b learns of a log, and asks c for its vote. Only a could say that c has forgotten.
    cluster.network.heal(a, b);
    await cluster.world.elapse(3000);
    expect(cluster.node('b').status().lastIndex).toBeGreaterThan(0);
    await cluster.kill('a');
    await cluster.world.elapse(5000);
    expect(notices).toContainEqual({ kind: 'probation-began', waitsFor: ['a'] });
    expect(node.status()).toMatchObject({ isOnProbation: true, lastIndex: 0 });
    expect(cluster.node('b').status().role).not.toBe('leader');
  });

  it('is not told from a new one by another empty one; but what they found is another cluster', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'c']) await cluster.start(name);
    await cluster.elect('a');
    void cluster.node('a').propose(bytes('x'));
    await cluster.world.settle();
    await cluster.kill('a');
    await cluster.kill('c');
    cluster.wipe('c');

    await cluster.start('b');
    const { node } = await cluster.start('c');
    expect(node.status().isOnProbation).toBe(false);
    await cluster.elect('c');
    void node.propose(bytes('y'));
    await cluster.world.settle();

    const owner = await cluster.start('a');
    await cluster.world.elapse(3000);
    expect(owner.notices).toContainEqual({ kind: 'peer-ignored', peer: 'b', reason: 'other-cluster' });
    expect(owner.node.status()).toMatchObject({ lastIndex: 2, leader: null });
    expect(owner.machine.commands).not.toContain('y');
    expect(cluster.member('b').machine.commands).toEqual(['y']);
  });

  it('is on probation with a peer that has a log but never met it, until all others have vouched', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'b']) await cluster.start(name);
    await cluster.elect('a');
    await cluster.kill('b');

    const { node, notices } = await cluster.start('c');
    expect(notices).toEqual([{ kind: 'probation-began', waitsFor: ['b'] }]);
    expect(node.status()).toMatchObject({ isOnProbation: true, leader: null });
    node.campaign();
    await cluster.world.elapse(5000);
    expect(node.status()).toMatchObject({
      role: 'follower',
      currentTerm: 0,
      lastIndex: 0,
      isOnProbation: true,
    });
    expect(node.metrics().messagesReceived).toBe(0);
    expect(node.metrics().messagesDropped).toBeGreaterThan(0);
    expect(node.metrics().framesSent).toBe(0);
    await expectRefused(cluster);

    await cluster.start('b');
    await cluster.world.elapse(3000);
    expect(notices.at(-1)).toEqual({ kind: 'probation-ended' });
    expect(node.status()).toMatchObject({
      isOnProbation: false,
      lastIndex: cluster.node('b').status().lastIndex,
    });
    expect(node.status().lastIndex).toBeGreaterThan(0);
  });
});

describe('a timer that came late', () => {
  it('is not stepped on probation', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'b']) await cluster.start(name);
    await cluster.elect('a');
    await cluster.kill('b');
    const [a, c] = [nodeId('a'), nodeId('c')];
    cluster.network.cut(a, c);
    const { node, clock, changes } = await cluster.start('c');
    cluster.network.heal(a, c);
    cluster.world.stall(clock, 2000);
    await cluster.world.settle();
    expect(node.status().isOnProbation).toBe(true);
    expect(node.metrics().lateTimers).toBe(1);
    expect(changes).toEqual([]);
  });
});

async function expectRefused(cluster: Cluster): Promise<void> {
  const refused = Promise.allSettled([cluster.node('c').propose(bytes('x')), cluster.node('c').read()]);
  await cluster.world.settle();
  for (const outcome of await refused) expect(outcome).toMatchObject({ reason: { code: 'RAFT_NOT_LEADER' } });
}

describe('R28: a new cluster', () => {
  it('works at once, whoever starts first', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'b']) await cluster.start(name);
    await cluster.elect('a');
    const { node, notices } = await cluster.start('c');
    await cluster.world.elapse(200);
    expect(notices.at(-1)?.kind ?? 'none').not.toBe('probation-began');
    expect(node.status()).toMatchObject({ leader: 'a', lastIndex: 1 });
  });

  it('drops what a peer says until its incarnation is remembered durably', async () => {
    const cluster = new Cluster();
    cluster.storage('b').hold();
    for (const name of ['a', 'b', 'c']) await cluster.start(name);
    cluster.node('a').campaign();
    await cluster.world.settle();
    expect(cluster.node('b').metrics()).toMatchObject({ messagesReceived: 0, messagesDropped: 3 });
    expect(cluster.leaders()).toEqual(['a']);

    cluster.storage('b').release();
    await cluster.world.elapse(200);
    expect(cluster.node('b').status()).toMatchObject({ leader: 'a', lastIndex: 1 });
  });
});

describe('R28: a peer that is ignored', () => {
  it('is not taken for the leader whose name it has when its process is gone', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(100);
    const [a, b] = [nodeId('a'), nodeId('b')];
    cluster.network.cut(a, b);
    await cluster.kill('a');
    cluster.wipe('a');
    cluster.network.heal(a, b);
    await cluster.start('a').catch(() => {});
    const { node, notices } = cluster.member('b');
    expect(notices).toEqual([{ kind: 'peer-ignored', peer: 'a', reason: 'other-incarnation' }]);
    expect(node.status().leader).toBe('a');
  });

  it('is not heard, and its end is no news', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(200);
    // c comes back as the member of another cluster would: with another incarnation, and unaware of this one.
    await cluster.kill('c');
    cluster.wipe('c');
    await cluster.start('c').catch(() => {});
    expect(cluster.member('a').notices).toEqual([
      { kind: 'peer-ignored', peer: 'c', reason: 'other-incarnation' },
    ]);
    await cluster.world.elapse(2000);
    expect(cluster.node('a').status().role).toBe('leader');
  });
});
