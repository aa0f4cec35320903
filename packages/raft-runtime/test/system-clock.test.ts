/** The system's clock where there is no `setImmediate`, as in a browser. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../src/index.ts';

describe('the system’s clock without setImmediate', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('ends a turn by a message to itself, in order', async () => {
    vi.stubGlobal('setImmediate', undefined);
    const clock = systemClock();
    const called: number[] = [];
    await new Promise<void>((resolve) => {
      clock.endOfTurn(() => called.push(1));
      clock.endOfTurn(() => called.push(2));
      clock.endOfTurn(resolve);
      expect(called).toEqual([]);
    });
    expect(called).toEqual([1, 2]);
  });

  it('keeps a wake-up that is further off than a timer reaches', () => {
    const clock = systemClock();
    clock.wakeAt(clock.nowMs() + 2 ** 40, () => expect.fail('woken'));
    clock.wakeAt(null, () => {});
  });
});
