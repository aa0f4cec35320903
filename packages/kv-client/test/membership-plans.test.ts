/** What operators ask for most starts from the members that there are, and waits where that helps (R21 to R25). */

import { describe, expect, it } from 'vitest';
import { watched } from './support/cluster.ts';
import { having } from './support/matching.ts';
import { refuseChanges, scene } from './support/scene.ts';

describe('a change from the members that there are', () => {
  it('adds a learner, promotes it, and removes another', async () => {
    const { world, cluster, after } = await scene();
    const { members } = world.store;
    await after(cluster.addLearner('n4', 'ws://n4'));
    expect(members.words).toBe('n1 n2 n3, n4');
    await after(cluster.promote('n4'));
    expect(members.words).toBe('n1 n2 n3 n4');
    expect((await after(cluster.remove('n2'))).value).toEqual({ index: 30 });
    expect(members.words).toBe('n1 n3 n4');
    expect(members.members.map(({ address }) => address)).toEqual(['ws://n1', 'ws://n3', 'ws://n4']);
  });

  it('is made for the configuration that the leader has confirmed', async () => {
    const { cluster, leader, after } = await scene();
    await after(cluster.remove('n2'));
    expect(leader.of('members').map(({ request }) => request.consistency)).toEqual(['linearizable']);
    expect(leader.of('changeMembership')[0]?.request.change).toMatchObject({
      ifIndex: 0,
      // Where they are is for the leader to know.
      voters: [
        { id: 'n1', address: null },
        { id: 'n3', address: null },
      ],
    });
  });

  it('is made anew where someone else was faster', async () => {
    const at = await scene();
    const { members } = at.world.store;
    at.leader.serve = (request) => {
      if (request.kind === 'changeMembership' && members.index === 0) {
        members.index = 5;
        members.members = members.members.filter(({ id }) => id !== 'n3');
      }
      return at.world.store.serve(request);
    };
    await at.after(at.cluster.addLearner('n4', 'ws://n4'));
    expect(members.words).toBe('n1 n2, n4');
  });

  it('waits where a refusal passes, until its time is over', async () => {
    const at = await scene();
    refuseChanges(at, 'membership-is-changing', 'not-caught-up', 'no-live-quorum', 'term-not-committed');
    const promoted = watched(at.cluster.promote('n2'));
    await at.world.time.elapse(1000);
    expect(promoted.state).toBe('fulfilled');

    refuseChanges(at, ...Array.from({ length: 1000 }, () => 'not-caught-up' as const));
    const late = watched(at.cluster.promote('n2', { timeoutMs: 700 }));
    await at.world.time.elapse(700);
    expect(late.error).toEqual(
      having({
        message: 'no answer within 700 ms',
        outcome: 'not-applied',
        cause: having({ reason: 'not-caught-up' }),
      }),
    );
  });

  it('is refused at once where waiting does not help', async () => {
    const at = await scene();
    refuseChanges(at, 'id-was-removed');
    const { error } = await at.after(at.cluster.addLearner('n0', 'ws://n0'));
    expect(error).toEqual(having({ code: 'KV_MEMBERSHIP_REFUSED', reason: 'id-was-removed' }));
  });

  it('ends with the reason of its signal, also while it waits', async () => {
    const at = await scene();
    refuseChanges(at, ...Array.from({ length: 1000 }, () => 'not-caught-up' as const));
    const controller = new AbortController();
    const promoted = watched(at.cluster.promote('n2', { signal: controller.signal }));
    await at.world.time.elapse(100);
    controller.abort('enough');
    await at.world.time.settle();
    expect(promoted.error).toBe('enough');
    const asked = at.leader.asked.length;
    await at.world.time.elapse(5000);
    expect(at.leader.asked).toHaveLength(asked);
  });

  it('takes no vote by adding a learner, and gives none to a stranger', async () => {
    const { cluster, leader, after } = await scene();
    for (const call of [() => cluster.addLearner('n2', 'ws://n2'), () => cluster.promote('n9')]) {
      expect((await after(call())).error).toEqual(having({ code: 'KV_INVALID_ARGUMENT' }));
    }
    expect(leader.of('changeMembership')).toEqual([]);
  });

  it('removes who is gone already without another word', async () => {
    const { world, cluster, after } = await scene();
    expect((await after(cluster.remove('n9'))).state).toBe('fulfilled');
    expect(world.store.members.words).toBe('n1 n2 n3');
  });
});

describe('a replacement', () => {
  it('adds a learner first, gives it the place of the other, and may be repeated', async () => {
    const { world, cluster, leader, after } = await scene();
    const replace = () => cluster.replace('n2', 'n4', 'ws://n4');
    expect((await after(replace())).state).toBe('fulfilled');
    expect(world.store.members.words).toBe('n1 n3 n4');
    expect((await after(replace())).state).toBe('fulfilled');
    expect(world.store.members.words).toBe('n1 n3 n4');
    const [first] = leader.of('changeMembership');
    expect(first?.request.change.learners).toEqual([{ id: 'n4', address: 'ws://n4' }]);
  });

  it('of a learner gives no vote', async () => {
    const { world, cluster, after } = await scene();
    await after(cluster.addLearner('n4', 'ws://n4'));
    await after(cluster.replace('n4', 'n5', 'ws://n5'));
    expect(world.store.members.words).toBe('n1 n2 n3, n5');
  });

  it('of nobody is none', async () => {
    const { world, cluster, after } = await scene();
    for (const [old, next] of [
      ['n9', 'n4'],
      ['n2', 'n2'],
    ] as const) {
      expect((await after(cluster.replace(old, next, 'ws://n4'))).error).toEqual(
        having({ code: 'KV_INVALID_ARGUMENT' }),
      );
    }
    expect(world.store.members.words).toBe('n1 n2 n3');
  });
});
