/** Attempts to reach a peer that is not there. */

import { afterEach, describe, expect, it } from 'vitest';
import { BackOff } from '../src/back-off.ts';
import { A, B, Stage } from './support/stage.ts';
import { ManualClock } from './support/manual-clock.ts';

let stage = new Stage();

afterEach(async () => {
  await stage.end();
  stage = new Stage();
});

describe('back-off', () => {
  it('doubles from half the first span by chance, up to the longest, and begins anew', () => {
    const low = new BackOff(50, 2000, () => 0);
    expect(Array.from({ length: 8 }, () => low.nextMs())).toEqual([25, 50, 100, 200, 400, 800, 1000, 1000]);
    const high = new BackOff(50, 2000, () => 0.999);
    expect(high.nextMs()).toBeCloseTo(50, 0);
    high.nextMs();
    high.reset();
    expect(high.nextMs()).toBeCloseTo(50, 0);
  });
});

describe('a peer that is not there', () => {
  it('is dialed again and again, told once, and connected when it comes', async () => {
    const clock = new ManualClock();
    stage.urls.set('b', 'ws://127.0.0.1:9');
    const a = await stage.start('a', 1, { clock, random: () => 0 });
    await stage.until(() => a.notices.length === 1);
    for (let dials = 2; dials <= 6; dials += 1) {
      clock.advance(clock.nextInMs());
      expect(a.transport.metrics().dials).toBe(dials);
      await clock.timerWithin(1000);
    }
    expect(a.notices).toHaveLength(1);
    expect(a.noticesOf('unreachable')[0]?.reason).toContain('ECONNREFUSED');
    const b = await stage.start('b', 2);
    await stage.until(() => a.events.length === 1 && b.events.length === 1);
  });

  it('that starts is dialed at once, however long the wait of the others still is', async () => {
    const clock = new ManualClock();
    const a = await stage.start('a', 1, { clock });
    await stage.until(() => a.noticesOf('unreachable').length === 1);
    const b = await stage.start('b', 2);
    await stage.until(() => a.events.length === 1 && b.events.length === 1);
    expect(clock.nowMs()).toBe(0);
  });

  it('whose URL is none is told, and harms nobody', async () => {
    stage.urls.set('b', 'htp:/nowhere');
    const a = await stage.start('a', 1);
    await stage.until(() => a.notices.length === 1);
    expect(a.noticesOf('unreachable')[0]?.reason).toMatch(/URL/);
  });

  it('is looked up anew at each attempt', async () => {
    const a = await stage.start('a', 1);
    await stage.until(() => a.noticesOf('unreachable').length === 1);
    expect(a.noticesOf('unreachable')[0]?.reason).toBe('its address is not known');
    const b = await stage.start('b', 2);
    await stage.until(() => b.events.includes('a connected'));
    expect(A < B).toBe(true);
  });
});
