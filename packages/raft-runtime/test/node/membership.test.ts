/** Members that come and go, among nodes that run. Rules R21 to R28. */

import { configurationOf, membersOf, nodeId, votersOf } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { decodeMemberRecord, EmptiedMemberError, MembershipRefusedError } from '../../src/index.ts';
import { Cluster } from '../support/cluster.ts';
import { bytes } from '../support/machine.ts';

const [A, B, C, D] = [nodeId('a'), nodeId('b'), nodeId('c'), nodeId('d')];

function votersAt(cluster: Cluster, name: string): string {
  const configuration = configurationOf(cluster.node(name).coreState());
  return votersOf(configuration)
    .map(({ id }) => id)
    .join(' ');
}

/** Three members, of which `a` leads, and `d` that is to join. */
async function withSpare(): Promise<Cluster> {
  const cluster = await Cluster.elected();
  await cluster.world.elapse(200);
  cluster.spare('d');
  await cluster.start('d');
  return cluster;
}

/** Of those that run. */
function leaderAmong(cluster: Cluster, names: string): string {
  const leaders = names.split(' ').filter((name) => cluster.node(name).status().role === 'leader');
  expect(leaders).toHaveLength(1);
  return leaders[0]!;
}

async function propose(cluster: Cluster, name: string, command: string): Promise<void> {
  await cluster.end(cluster.node(name).propose(bytes(command)));
}

describe('a node that joins', () => {
  it('waits without a word until a leader adds it, and then gets the whole log', async () => {
    const cluster = await withSpare();
    await propose(cluster, 'a', 'x');
    await cluster.world.elapse(5000);
    const { node, machine, notices } = cluster.member('d');
    expect(node.status()).toMatchObject({ currentTerm: 0, lastIndex: 0, isOnProbation: false });
    expect(notices).toEqual([]);

    await cluster.change('a', 'a b c', 'd');
    await cluster.world.elapse(200);
    expect(machine.commands).toEqual(['x']);
    expect(node.status()).toMatchObject({ leader: 'a', isOnProbation: false });
    expect(node.status().clusterId).toEqual(cluster.node('a').status().clusterId);
  });

  it('is a voter on all members once it is promoted, and can lead', async () => {
    const cluster = await withSpare();
    await cluster.change('a', 'a b c', 'd');
    await cluster.world.elapse(200);
    await cluster.change('a', 'a b c d');
    await cluster.world.elapse(200);
    for (const name of ['a', 'b', 'c', 'd']) expect(votersAt(cluster, name)).toBe('a b c d');
    await cluster.kill('a');
    await cluster.elect('d');
    await propose(cluster, leaderAmong(cluster, 'b c d'), 'y');
    await cluster.world.elapse(200);
    expect(cluster.member('d').machine.commands).toEqual(['y']);
  });

  it('replaces a member that was killed', async () => {
    const cluster = await withSpare();
    await cluster.kill('c');
    await cluster.change('a', 'a b c', 'd');
    await cluster.world.elapse(200);
    await cluster.change('a', 'a b d');
    await cluster.kill('b');
    await cluster.world.elapse(50);
    await propose(cluster, 'a', 'with d alone');
    await cluster.world.elapse(200);
    expect(cluster.member('d').machine.commands).toEqual(['with d alone']);
  });

  it('is not a voter before it has caught up', async () => {
    const cluster = await withSpare();
    const refused = cluster.change('a', 'a b c d');
    await expect(refused).rejects.toBeInstanceOf(MembershipRefusedError);
    await expect(refused).rejects.toMatchObject({ reason: 'not-caught-up', isRetryable: true });
    expect(votersAt(cluster, 'a')).toBe('a b c');
  });

  it('is no voter before it was met, by force neither (R28)', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(200);
    await cluster.change('a', 'a b c', 'd');
    const forced = cluster.change('a', 'a b c d', '', { force: true });
    await expect(forced).rejects.toMatchObject({ reason: 'not-caught-up' });
    const elsewhere = cluster.change('b', 'a b c d', '', { force: true });
    await expect(elsewhere).rejects.toMatchObject({ code: 'RAFT_NOT_LEADER' });
  });

  it('is a voter still after a restart, also of all (R21)', async () => {
    const cluster = await withSpare();
    await cluster.change('a', 'a b c', 'd');
    await cluster.world.elapse(200);
    await cluster.change('a', 'a b d');
    await cluster.world.elapse(200);
    for (const name of ['a', 'b', 'd']) await cluster.kill(name);
    for (const name of ['b', 'd']) await cluster.start(name);
    await cluster.world.elapse(3000);
    leaderAmong(cluster, 'b d');
    for (const name of ['b', 'd']) expect(votersAt(cluster, name)).toBe('a b d');
  });
});

describe('R28: the incarnation of a member', () => {
  it('is written into the configuration by the leader that has met it, its own too', async () => {
    const cluster = await withSpare();
    await cluster.change('a', 'a b c', 'd');
    await cluster.world.elapse(200);
    await cluster.change('a', 'a b c d');
    const records = membersOf(configurationOf(cluster.node('a').coreState())).map(
      ({ data }) => decodeMemberRecord(data).incarnation?.[0],
    );
    expect(records).toEqual([1, 2, 3, 4]);
  });

  it('in the configuration binds a member that has never met the other', async () => {
    const cluster = await Cluster.elected();
    cluster.spare('d');
    cluster.network.cut(B, D);
    await cluster.start('d');
    await cluster.change('a', 'a b c', 'd');
    await cluster.world.elapse(200);
    await cluster.change('a', 'a b c d');
    await cluster.world.elapse(200);
    await cluster.kill('d');
    // An empty directory in the place of that of d, which b has never met.
    cluster.spare('d');
    cluster.network.cut(A, D);
    cluster.network.cut(C, D);
    cluster.network.heal(B, D);
    await cluster.start('d').catch(() => {});
    expect(cluster.member('b').notices).toContainEqual({
      kind: 'peer-ignored',
      peer: 'd',
      reason: 'other-incarnation',
    });
  });

  it('that is another one in a committed configuration shows a node that it was emptied', async () => {
    const cluster = await withSpare();
    await cluster.change('a', 'a b c', 'd');
    await cluster.world.elapse(200);
    await cluster.change('a', 'a b c d');
    await cluster.kill('d');
    cluster.spare('d');
    const { failures } = await cluster.start('d').catch(() => cluster.member('d'));
    expect(failures[0]).toBeInstanceOf(EmptiedMemberError);
  });

  it('is wanted of a voter that says that it joins: nobody listens to it', async () => {
    // b has never met c, whose directory is emptied, and which is then started as one that joins.
    const cluster = new Cluster();
    cluster.network.cut(B, C);
    for (const name of ['a', 'b', 'c']) await cluster.start(name);
    await cluster.elect('a');
    cluster.network.cut(A, B);
    await propose(cluster, 'a', 'x');
    await cluster.kill('a');
    await cluster.kill('c');
    cluster.spare('c');
    cluster.network.heal(B, C);
    cluster.network.heal(A, B);
    await cluster.start('c');
    await cluster.world.elapse(5000);
    expect(cluster.node('c').status()).toMatchObject({ currentTerm: 0, role: 'follower' });
    expect(cluster.node('b').status().role).not.toBe('leader');
    expect(cluster.member('b').notices).toContainEqual({
      kind: 'peer-ignored',
      peer: 'c',
      reason: 'other-incarnation',
    });
  });
});

const TOLD = { status: { isRemoved: true, role: 'follower' }, leaders: ['a'] };

/** Of `c`, which was removed a while ago. */
async function startOfRemoved(cluster: Cluster) {
  await cluster.world.elapse(2000);
  const { node } = await cluster.start('c');
  await cluster.world.elapse(5000);
  return { status: node.status(), leaders: cluster.leaders() };
}

describe('a member that is removed', () => {
  it('knows it, campaigns no more, and the others go on', async () => {
    const cluster = await Cluster.elected();
    await cluster.change('a', 'a b');
    await cluster.world.elapse(5000);
    expect(cluster.node('c').status()).toMatchObject({ isRemoved: true, role: 'follower' });
    expect(cluster.leaders()).toEqual(['a']);
    await propose(cluster, 'a', 'x');
    await cluster.world.elapse(200);
    expect(cluster.member('b').machine.commands).toEqual(['x']);
    expect(cluster.member('c').machine.commands).toEqual([]);
  });

  it('is told by a peer where it was not there when it was removed (R26)', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(200);
    await cluster.kill('c');
    await cluster.change('a', 'a b');
    expect(await startOfRemoved(cluster)).toMatchObject(TOLD);
  });

  it('is told also where it never ran while it was one, and so has no log (R26)', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'b']) await cluster.start(name);
    await cluster.elect('a');
    await cluster.change('a', 'a b');
    expect(await startOfRemoved(cluster)).toMatchObject(TOLD);
  });

  it('is never a member again', async () => {
    const cluster = await Cluster.elected();
    await cluster.change('a', 'a b');
    await expect(cluster.change('a', 'a b', 'c')).rejects.toMatchObject({
      code: 'RAFT_MEMBERSHIP_REFUSED',
      reason: 'id-was-removed',
      isRetryable: false,
    });
  });
});

describe('a change of membership', () => {
  it('answers with the entry of the configuration, for a compare-and-set of the next', async () => {
    const cluster = await Cluster.elected();
    const { node } = cluster.member('a');
    const voters = [{ id: A }, { id: B }];
    const { index } = await cluster.end(node.changeMembership({ voters }));
    expect(node.status().configurationIndex).toBe(index);
    const late = { voters: [{ id: A }], ifIndex: node.status().lastIndex };
    await cluster.end(node.changeMembership({ ...late, ifIndex: index }));
    await expect(cluster.end(node.changeMembership({ ...late, ifIndex: index }))).rejects.toMatchObject({
      reason: 'configuration-changed',
    });
  });

  it('keeps the address of a member that is not told anew', async () => {
    const cluster = await Cluster.elected();
    const { node } = cluster.member('a');
    const voters = [{ id: A }, { id: B, address: 'ws://b' }, { id: C }];
    await cluster.end(node.changeMembership({ voters }));
    await cluster.change('a', 'a b c');
    const records = membersOf(configurationOf(node.coreState())).map(
      ({ data }) => decodeMemberRecord(data).address,
    );
    expect(records).toEqual([null, 'ws://b', null]);
  });

  it('ends with one answer on a follower, a closed node, and a leader that is lost', async () => {
    const cluster = await Cluster.elected();
    await expect(cluster.change('b', 'a b')).rejects.toMatchObject({ code: 'RAFT_NOT_LEADER' });
    cluster.network.cut(A, B);
    cluster.network.cut(A, C);
    const { node } = cluster.member('a');
    const answer = node.changeMembership({ voters: [{ id: A }, { id: B }] });
    const outcome = Promise.allSettled([answer]);
    await cluster.world.elapse(3000);
    expect((await outcome)[0]).toMatchObject({ reason: { outcome: 'unknown' } });
    void node.close();
    await expect(cluster.change('a', 'a b')).rejects.toMatchObject({ code: 'RAFT_NODE_CLOSED' });
    expect(node.metrics()).toMatchObject({ membershipChanges: 2, answers: 2 });
  });
});
