import { describe, expect, it } from 'vitest';
import { NotLeaderError } from '../../src/index.ts';
import { Cluster } from '../support/cluster.ts';
import { bytes } from '../support/machine.ts';

describe('three nodes', () => {
  it('elect a leader after an election timeout, by themselves', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'b', 'c']) await cluster.start(name);
    await cluster.world.elapse(3000);
    expect(cluster.leaders()).toHaveLength(1);
  });

  it('apply a command everywhere, and answer it with the result of the leader’s machine', async () => {
    const cluster = await Cluster.elected();
    const answer = cluster.node('a').propose(bytes('x'));
    await cluster.world.elapse(200);
    expect(await answer).toEqual({ index: 2, term: 1, result: 'x is 1' });
    for (const name of ['a', 'b', 'c']) expect(cluster.member(name).machine.commands).toEqual(['x']);
  });

  it('confirm a read on the leader, which sees every command acknowledged before', async () => {
    const cluster = await Cluster.elected();
    void cluster.node('a').propose(bytes('x'));
    await cluster.world.settle();
    const read = cluster.node('a').read();
    await cluster.world.settle();
    expect(await read).toBe(2);
    expect(cluster.member('a').machine.commands).toEqual(['x']);
  });

  it('send a caller who asked a follower to the leader', async () => {
    const cluster = await Cluster.elected();
    const answers = [cluster.node('b').propose(bytes('x')), cluster.node('c').read()];
    const outcomes = Promise.allSettled(answers);
    await cluster.world.settle();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'RAFT_NOT_LEADER', leader: 'a' } });
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(NotLeaderError);
    }
  });

  it('read on a follower that may ask, and see there what was acknowledged elsewhere before (R17)', async () => {
    const cluster = await Cluster.elected();
    void cluster.node('a').propose(bytes('x'));
    await cluster.world.settle();
    const read = cluster.node('b').read({ asksLeader: true });
    await cluster.world.elapse(200);
    expect(await read).toBe(2);
    expect(cluster.member('b').machine.commands).toEqual(['x']);
    expect(await cluster.end(cluster.node('b').read({ asksLeader: true, maxStalenessMs: 300 }))).toBe(2);
  });

  it('read by a lease without a word, until their machine slept (R19, R20)', async () => {
    const cluster = await Cluster.elected('a b c', { core: { leasePromiseMs: 400 } });
    await cluster.world.elapse(300);
    const words = () => cluster.node('a').metrics().messagesSent;
    const before = words();
    expect(await cluster.end(cluster.node('a').read())).toBe(1);
    expect(words()).toBe(before);
    cluster.world.sleptMs += 1000;
    await cluster.end(cluster.node('a').read());
    expect(words()).toBeGreaterThan(before);
    expect(cluster.node('a').metrics().clockDoubts).toBe(1);
  });

  it('know the cluster by the random id that the first leader minted, also after a restart', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(200);
    const id = cluster.node('a').status().clusterId;
    expect(id).toHaveLength(16);
    expect(cluster.node('b').status().clusterId).toEqual(id);

    void cluster.node('a').propose(bytes('x'));
    await cluster.world.elapse(200);
    const { node } = await cluster.restart('b');
    expect(node.status().clusterId).toEqual(id);
  });

  it('lose nothing when one is killed and comes back', async () => {
    const cluster = await Cluster.elected();
    void cluster.node('a').propose(bytes('x'));
    await cluster.world.settle();
    await cluster.kill('b');
    void cluster.node('a').propose(bytes('y'));
    await cluster.world.settle();
    const { machine } = await cluster.start('b');
    await cluster.world.elapse(500);
    expect(machine.commands).toEqual(['x', 'y']);
  });

  it('tell one that comes back what it missed as soon as it is connected', async () => {
    const cluster = await Cluster.elected();
    await cluster.kill('c');
    void cluster.node('a').propose(bytes('x'));
    await cluster.world.settle();
    const { node } = await cluster.start('c');
    expect(node.status().lastIndex).toBe(2);
  });

  it('speak at once to one that comes back and lacks nothing, so that it knows its leader (R13)', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(200);
    const { node } = await cluster.restart('c');
    expect(node.status()).toMatchObject({ leader: 'a', lastIndex: cluster.node('a').status().lastIndex });
  });

  it('speak at once to one of which the incarnation was remembered late (R13)', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'b']) await cluster.start(name);
    await cluster.elect('a');
    cluster.storage('a').hold();
    const { node } = await cluster.start('c');
    expect(node.status().leader).toBeNull();
    cluster.storage('a').release();
    await cluster.world.settle();
    expect(node.status().leader).toBe('a');
  });

  it('tell a new one everything as soon as its incarnation is remembered', async () => {
    const cluster = new Cluster();
    for (const name of ['a', 'b']) await cluster.start(name);
    await cluster.elect('a');
    const { node } = await cluster.start('c');
    expect(node.status().lastIndex).toBe(1);
  });

  it('replace a leader whose process is gone before any election timeout', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(100);
    await cluster.kill('a');
    await cluster.world.elapse(200);
    expect(cluster.leaders().filter((name) => name !== 'a')).toHaveLength(1);
  });

  it('replace a leader that is cut off, which ends its proposals as unknown', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(100);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => cluster.node(name).status().id);
    cluster.network.cut(a!, b!);
    cluster.network.cut(a!, c!);
    const lost = cluster.node('a').propose(bytes('lost'));
    const outcome = Promise.allSettled([lost]);
    await cluster.world.elapse(3000);
    expect(await outcome).toMatchObject([{ reason: { code: 'RAFT_OUTCOME_UNKNOWN', outcome: 'unknown' } }]);

    cluster.network.heal(a!, b!);
    cluster.network.heal(a!, c!);
    await cluster.world.elapse(1000);
    expect(cluster.leaders()).toHaveLength(1);
    expect(cluster.leaders()).not.toContain('a');
    expect(cluster.node('a').status().leader).toBe(cluster.leaders()[0]);
  });
});

describe('a lone voter', () => {
  it('leads at once', async () => {
    const cluster = new Cluster('a');
    const { node } = await cluster.start('a');
    expect(node.status().role).toBe('leader');
    const answer = node.propose(bytes('x'));
    await cluster.world.settle();
    expect(await answer).toMatchObject({ result: 'x is 1' });
  });

  it('applies its whole log again after a restart', async () => {
    const cluster = new Cluster('a');
    const { node } = await cluster.start('a', { core: { tailEntriesMax: 10 } });
    for (let nth = 0; nth < 2000; nth += 1) node.submit(bytes(`${nth}`), () => {});
    await cluster.world.settle();
    const { machine } = await cluster.restart('a', { core: { tailEntriesMax: 10 } });
    expect(machine.commands).toHaveLength(2000);
    expect(machine.commands.at(-1)).toBe('1999');
  });
});
