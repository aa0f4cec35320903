/** Notices that anyone at the port can cause: few, whatever comes, and none forgotten. */

import { nodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import type { TransportNotice } from '../src/index.ts';
import { PortNotices, type PortNotice } from '../src/port-notices.ts';
import { ManualClock } from './support/manual-clock.ts';

const PAUSE_MS = 1000;

function stranger(address: string): PortNotice {
  return { kind: 'stranger', address, reason: 'no HTTP' };
}

function refused(peer: string, refusal: 'other-cluster' | 'unknown-node'): PortNotice {
  return { kind: 'refused', by: 'this-node', peer: nodeId(peer), address: 'x', refusal, reason: 'no' };
}

function setUp() {
  const clock = new ManualClock();
  const told: TransportNotice[] = [];
  const notices = new PortNotices({
    clock,
    noticePauseMs: PAUSE_MS,
    notify: (notice) => told.push(notice),
    isPeer: (id) => id === 'a' || id === 'b',
  });
  return { clock, told, notices };
}

describe('notices of strangers', () => {
  it('begin with one that is told at once', () => {
    const { told, notices } = setUp();
    notices.add(stranger('first'));
    expect(told).toEqual([{ ...stranger('first'), untold: 0 }]);
  });

  it('are told once a pause, however many come: the newest, and how many others there were', () => {
    const { clock, told, notices } = setUp();
    for (let nth = 0; nth < 1001; nth += 1) notices.add(stranger(`${nth}`));
    expect(told).toHaveLength(1);
    clock.advance(PAUSE_MS - 1);
    expect(told).toHaveLength(1);
    clock.advance(1);
    expect(told.slice(1)).toEqual([{ ...stranger('1000'), untold: 999 }]);
    notices.add(stranger('next'));
    clock.advance(PAUSE_MS - 1);
    expect(told).toHaveLength(2);
    clock.advance(1);
    expect(told.slice(2)).toEqual([{ ...stranger('next'), untold: 0 }]);
  });

  it('are told at once again after a pause in which nobody came, and leave no timer behind', async () => {
    const { clock, told, notices } = setUp();
    notices.add(stranger('first'));
    await clock.timers(0);
    clock.advance(PAUSE_MS);
    notices.add(stranger('second'));
    expect(told).toHaveLength(2);
    await clock.timers(0);
  });

  it('that wait are told when the transport closes, and none after it', async () => {
    const { clock, told, notices } = setUp();
    for (const address of ['first', 'second', 'third']) notices.add(stranger(address));
    notices.close();
    expect(told.slice(1)).toEqual([{ ...stranger('third'), untold: 1 }]);
    notices.add(stranger('late'));
    clock.advance(PAUSE_MS);
    expect(told).toHaveLength(2);
    await clock.timers(0);
  });
});

describe('notices of refused hellos', () => {
  it('are paced by kind, and by peer', () => {
    const { told, notices } = setUp();
    const all = [refused('a', 'other-cluster'), refused('b', 'other-cluster'), refused('a', 'unknown-node')];
    for (const notice of [...all, ...all, stranger('x')]) notices.add(notice);
    expect(told).toEqual([...all, stranger('x')].map((notice) => ({ ...notice, untold: 0 })));
  });

  it('of names that are no peers are of one sort, since anyone can think of names', () => {
    const { clock, told, notices } = setUp();
    for (let nth = 0; nth < 100; nth += 1) notices.add(refused(`name-${nth}`, 'unknown-node'));
    clock.advance(PAUSE_MS);
    expect(told).toMatchObject([
      { peer: 'name-0', untold: 0 },
      { peer: 'name-99', untold: 98 },
    ]);
  });
});
