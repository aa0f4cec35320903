/** What operators ask for is done once, or refused in words (R21 to R26). */

import { describe, expect, it } from 'vitest';
import { ScriptedCluster, watched } from './support/cluster.ts';
import { having } from './support/matching.ts';
import { failed } from './support/node.ts';
import { refuseChanges, scene } from './support/scene.ts';

describe('members and status', () => {
  it('are told as the node that is asked knows them', async () => {
    const { cluster, after, leader } = await scene();
    expect((await after(cluster.members())).value).toEqual({
      index: 0,
      isJoint: false,
      leader: 'n1',
      members: ['n1', 'n2', 'n3'].map((id) => ({ id, address: `ws://${id}`, role: 'voter' })),
    });
    expect((await after(cluster.status())).value).toMatchObject({
      name: 'n1',
      role: 'leader',
      peers: [{ id: 'n2', matchIndex: 7, nextIndex: 8, flow: 'replicating', silentMs: 12 }],
    });
    await after(cluster.members({ consistency: 'linearizable' }));
    expect(leader.of('members').map(({ request }) => request.consistency)).toEqual([
      'serializable',
      'linearizable',
    ]);
  });

  it('are asked for again when the connection breaks, since nothing changes by that', async () => {
    const { world, cluster, leader, after } = await scene();
    leader.serve = () => undefined;
    const status = await after(cluster.status());
    leader.serve = (request) => world.store.serve(request);
    leader.cut();
    await world.time.settle();
    expect(status.value).toMatchObject({ name: 'n1' });
  });
});

describe('a change', () => {
  it('names all members, and is answered with its index', async () => {
    const { world, cluster, leader, after } = await scene();
    const change = { voters: [{ id: 'n1' }], learners: [{ id: 'n9', address: 'ws://n9' }], ifIndex: 0 };
    expect((await after(cluster.change(change))).value).toEqual({ index: 10 });
    expect(world.store.members.words).toBe('n1, n9');
    expect(leader.of('changeMembership')[0]?.request.change).toEqual({
      voters: [{ id: 'n1', address: null }],
      learners: [{ id: 'n9', address: 'ws://n9' }],
      ifIndex: 0,
      force: false,
    });
  });

  it.each([
    ['membership-is-changing', true],
    ['term-not-committed', true],
    ['configuration-changed', false],
    ['invalid-targets', false],
    ['id-was-removed', false],
    ['not-caught-up', true],
    ['no-live-quorum', true],
  ] as const)('that is refused because of %s says so at once', async (reason, retryable) => {
    const at = await scene();
    refuseChanges(at, reason);
    const { state, error } = await at.after(at.cluster.change({ voters: [{ id: 'n1' }] }));
    expect(state).toBe('rejected');
    expect(error).toEqual(
      having({ code: 'KV_MEMBERSHIP_REFUSED', reason, retryable, outcome: 'not-applied' }),
    );
    expect(at.leader.of('changeMembership')).toHaveLength(1);
  });

  it('goes to the leader, where another node is asked first', async () => {
    const world = new ScriptedCluster();
    const [n1, n2] = [world.node('ws://n1'), world.node('ws://n2')];
    n1.serve = () => failed('not-leader', 'not-applied', 'ws://n2');
    const { cluster } = await world.client();
    const changed = watched(cluster.change({ voters: [{ id: 'n2' }] }));
    await world.time.elapse(100);
    expect(changed.value).toEqual({ index: 10 });
    expect([n1, n2].map((node) => node.of('changeMembership').length)).toEqual([1, 1]);
  });

  it('is not sent again when the connection breaks before the answer: its outcome is unknown', async () => {
    const { world, cluster, leader, after } = await scene();
    leader.serve = () => undefined;
    const changed = await after(cluster.change({ voters: [{ id: 'n1' }] }));
    leader.serve = (request) => world.store.serve(request);
    leader.cut();
    await world.time.elapse(3000);
    expect(changed.error).toEqual(having({ code: 'KV_UNAVAILABLE', outcome: 'unknown', retryable: false }));
    expect(leader.of('changeMembership')).toHaveLength(1);
  });

  it('is not sent again when the node does not know its outcome', async () => {
    const { world, cluster, leader } = await scene();
    leader.serve = () => failed('outcome-unknown', 'unknown');
    const changed = watched(cluster.change({ voters: [{ id: 'n1' }] }));
    await world.time.elapse(3000);
    expect(changed.error).toEqual(having({ code: 'KV_UNAVAILABLE', outcome: 'unknown', retryable: false }));
    expect(leader.of('changeMembership')).toHaveLength(1);
  });

  it('that times out may have taken effect', async () => {
    const { world, cluster, leader } = await scene();
    leader.serve = () => undefined;
    const changed = watched(cluster.change({ voters: [{ id: 'n1' }] }, { timeoutMs: 50 }));
    await world.time.elapse(50);
    expect(changed.error).toEqual(having({ code: 'KV_TIMEOUT', outcome: 'unknown', retryable: false }));
  });

  it.each([
    ['no list', { voters: 'n1' }],
    ['a name that is none', { voters: [{ id: '' }] }],
    ['a number for a name', { voters: [{ id: 7 }] }],
    ['an address that is none', { voters: [{ id: 'n1', address: '10.0.0.1:7581' }] }],
    ['an index that is none', { voters: [{ id: 'n1' }], ifIndex: -1 }],
    ['too many', { voters: Array.from({ length: 1025 }, (_, at) => ({ id: `n${at}` })) }],
  ])('is not sent with %s', async (_, change) => {
    const { cluster, leader, after } = await scene();
    const { error } = await after(cluster.change(change as never));
    expect(error).toEqual(having({ code: 'KV_INVALID_ARGUMENT', outcome: 'not-applied' }));
    expect(leader.asked).toEqual([]);
  });
});

describe('a transfer of leadership', () => {
  it('names who leads then, where that is known', async () => {
    const { cluster, leader, after } = await scene();
    expect((await after(cluster.transferLeadership('n3'))).value).toEqual({ leader: 'n3' });
    expect((await after(cluster.transferLeadership())).value).toEqual({ leader: 'n2' });
    expect(leader.of('transferLeadership').map(({ request }) => request.target)).toEqual(['n3', null]);
  });

  it.each([
    ['transferring', true],
    ['target-leads', false],
    ['no-such-target', false],
    ['transfer-failed', true],
  ] as const)('that is refused because of %s says so at once', async (reason, retryable) => {
    const { cluster, leader, after } = await scene();
    leader.serve = () => failed(reason);
    const { error } = await after(cluster.transferLeadership('n2'));
    expect(error).toEqual(having({ code: 'KV_TRANSFER_REFUSED', reason, retryable, outcome: 'not-applied' }));
    expect(leader.of('transferLeadership')).toHaveLength(1);
  });

  it('is not asked for again when the connection breaks before the answer', async () => {
    const { world, cluster, leader, after } = await scene();
    leader.serve = () => undefined;
    const handed = await after(cluster.transferLeadership('n2'));
    leader.serve = (request) => world.store.serve(request);
    leader.cut();
    await world.time.elapse(3000);
    expect(handed.error).toEqual(having({ code: 'KV_UNAVAILABLE', outcome: 'unknown' }));
    expect(leader.of('transferLeadership')).toHaveLength(1);
  });
});

it('leaves a node that answers an operator with something else', async () => {
  const { world, cluster, leader, after } = await scene();
  leader.serve = (request) =>
    request.kind === 'status' ? { kind: 'membershipChanged', index: 1 } : world.store.serve(request);
  await after(cluster.status({ timeoutMs: 10 }));
  expect(world.notices.map(({ kind }) => kind)).toContain('distrusted');
});
