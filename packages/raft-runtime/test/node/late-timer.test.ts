/** After a stall of the process sockets are drained before timers are stepped. Rule R12. */

import { describe, expect, it } from 'vitest';
import { LateTimer } from '../../src/node/late-timer.ts';
import { Cluster } from '../support/cluster.ts';

const LIMITS = { heartbeatMs: 100, electionTimeoutMinMs: 500 };

describe('R12: a late timer', () => {
  it('is one that comes more than a heartbeat after its time', () => {
    expect(new LateTimer(LIMITS).hold(1000, 1100)).toBe(false);
    expect(new LateTimer(LIMITS).hold(1000, 1101)).toBe(true);
  });

  it('is stepped at the end of the first turn in which no peer was heard', () => {
    const timer = new LateTimer(LIMITS);
    timer.hold(1000, 3000);
    expect(timer.release(true, 3001)).toBe(false);
    expect(timer.isHeld).toBe(true);
    expect(timer.release(false, 3002)).toBe(true);
    expect(timer.isHeld).toBe(false);
    expect(timer.release(false, 3003)).toBe(false);
  });

  it('waits no longer than the shortest election timeout, however much peers say', () => {
    const timer = new LateTimer(LIMITS);
    timer.hold(1000, 3000);
    expect(timer.release(true, 3499)).toBe(false);
    timer.hold(1000, 3499);
    expect(timer.release(true, 3500)).toBe(true);
  });
});

describe('R12: a follower that stood still for two seconds', () => {
  it('does not campaign while its leader’s heartbeats wait in the socket', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(1000);
    const { node, clock, changes } = cluster.member('b');
    const { term, count } = { term: node.status().currentTerm, count: changes.length };

    // The leader speaks now, and b hears it only after its own timer.
    cluster.node('a').submit(new Uint8Array(1), () => {});
    cluster.world.turn();
    cluster.world.stall(clock, 2000);
    await cluster.world.settle();

    expect(node.metrics().lateTimers).toBe(1);
    expect(node.status()).toMatchObject({ role: 'follower', leader: 'a', currentTerm: term, lastIndex: 2 });
    expect(changes).toHaveLength(count);
  });

  it('does not campaign either while what others say is read before what its leader says', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(1000);
    const { node, clock, changes } = cluster.member('b');
    cluster.node('c').campaign();
    cluster.world.turn();
    cluster.world.stall(clock, 2000);
    // The question of c is read in this turn, in which the leader's heartbeat only leaves.
    cluster.world.turn();
    expect(node.metrics().lateTimers).toBe(1);
    cluster.world.turn();
    expect(node.status()).toMatchObject({ role: 'follower', leader: 'a' });
    expect(changes.map((status) => status.role)).not.toContain('pre-candidate');
  });

  it('campaigns where nothing was waiting', async () => {
    const cluster = await Cluster.elected();
    await cluster.world.elapse(1000);
    const { node, clock } = cluster.member('b');
    cluster.world.stall(clock, 2000);
    cluster.world.turn();
    expect(node.status().role).toBe('pre-candidate');
  });
});
