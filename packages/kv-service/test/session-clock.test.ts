import { describe, expect, it } from 'vitest';
import { SessionClock } from '../src/session-clock.ts';

function clock(): SessionClock {
  const sessions = new SessionClock({ sessionTtlMs: 1000, latenessMaxMs: 100 });
  sessions.begin([1, 2, 3], 0);
  return sessions;
}

describe('the clock of sessions (R38, R39)', () => {
  it('ends nobody before the time to live is over', () => {
    const sessions = clock();
    expect(sessions.takeExpired(999, 10)).toEqual([]);
    expect(sessions.takeExpired(1000, 10)).toEqual([1, 2, 3]);
  });

  it('gives whoever asks its full time from then on', () => {
    const sessions = clock();
    expect(sessions.keepAlive(2, 600)).toBe(true);
    expect(sessions.takeExpired(1599, 10)).toEqual([1, 3]);
    expect(sessions.takeExpired(1600, 10)).toEqual([2]);
  });

  it('keeps nobody alive whose end is proposed, and proposes it once', () => {
    const sessions = clock();
    sessions.takeExpired(1000, 10);
    expect(sessions.keepAlive(1, 1001)).toBe(false);
    expect(sessions.takeExpired(5000, 10)).toEqual([]);
  });

  it('proposes again what was refused, and forgets what was done', () => {
    const sessions = clock();
    sessions.settle(sessions.takeExpired(1000, 2), false);
    sessions.settle(sessions.takeExpired(1000, 1), true);
    expect(sessions.takeExpired(1000, 10)).toEqual([2, 3]);
  });

  it('ends at most so many at a time', () => {
    expect(clock().takeExpired(1000, 2)).toEqual([1, 2]);
  });

  it('adds the lateness of a stalled process to every deadline, and no other', () => {
    const sessions = clock();
    sessions.excuse(100, 200);
    expect(sessions.takeExpired(1000, 1)).toEqual([1]);
    sessions.excuse(300, 5300);
    expect(sessions.takeExpired(5999, 10)).toEqual([]);
    expect(sessions.takeExpired(6000, 10)).toEqual([2, 3]);
  });

  it('gives every session its full time in a new term, and knows nobody out of office', () => {
    const sessions = clock();
    sessions.takeExpired(1000, 10);
    sessions.stop();
    expect(sessions.takeExpired(9000, 10)).toEqual([]);
    sessions.begin([1, 4], 9000);
    expect(sessions.takeExpired(9999, 10)).toEqual([]);
    expect(sessions.takeExpired(10_000, 10)).toEqual([1, 4]);
  });

  it('knows nothing more of a session that was ended', () => {
    const sessions = clock();
    sessions.forget(2);
    expect(sessions.takeExpired(1000, 10)).toEqual([1, 3]);
  });
});
