/** A monotonic clock that stands still is found out by the time of day. Source: R19. */

import { describe, expect, it } from 'vitest';
import { ClockDoubt } from '../../src/node/clock-doubt.ts';

const DRIFT_MAX_MS = 20;

/** Which of these turns, each of a time of day and a monotonic time, raise a doubt? */
function doubts(...turns: readonly (readonly [wallMs: number, nowMs: number])[]): boolean[] {
  const doubt = new ClockDoubt(DRIFT_MAX_MS);
  return turns.map(([wallMs, nowMs]) => doubt.isRaisedBy(wallMs, nowMs));
}

describe('R19: doubt about the monotonic clock', () => {
  it('is not raised while both clocks go on alike', () => {
    expect(doubts([1000, 5], [2000, 1005], [9000, 8005])).toEqual([false, false, false]);
  });

  it('is raised where the time of day ran ahead by more than half of what clocks may drift apart', () => {
    expect(doubts([1000, 0], [1011, 1])).toEqual([false, false]);
    expect(doubts([1000, 0], [1012, 1])).toEqual([false, true]);
  });

  it('is raised where it ran ahead step by step', () => {
    expect(doubts([1000, 0], [1006, 0], [1011, 0])).toEqual([false, false, true]);
  });

  it('is raised once, and again where it goes on', () => {
    expect(doubts([1000, 0], [1500, 0], [1501, 0], [1512, 0])).toEqual([false, true, false, true]);
  });

  it('is no less raised where the time of day was set back before', () => {
    expect(doubts([1000, 0], [500, 0], [511, 0])).toEqual([false, false, true]);
  });
});
