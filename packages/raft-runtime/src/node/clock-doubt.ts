/**
 * Did the monotonic clock stand still? Of a machine that slept it may show nothing, and a lease counted by it would outlast
 * the promises that it rests on. The time of day goes on meanwhile, so the two are compared in each turn. Source: R19.
 */

export class ClockDoubt {
  private readonly boundMs: number;
  /** The time of day less the monotonic time: the least since the last doubt. `null` before the first turn. */
  private leastMs: number | null = null;

  /**
   * Half of what clocks may drift apart: the other half is for the clocks of those who promised, which may be fast while
   * this one loses what no turn shows.
   */
  constructor(clockDriftMaxMs: number) {
    this.boundMs = clockDriftMaxMs / 2;
  }

  /** Has the time of day run ahead by more than may be? A time of day that was set back is no reason, one set ahead is. */
  isRaisedBy(wallMs: number, nowMs: number): boolean {
    const aheadMs = wallMs - nowMs;
    const isRaised = this.leastMs !== null && aheadMs - this.leastMs > this.boundMs;
    // Small steps add up: the least is kept until there is a doubt.
    if (this.leastMs === null || isRaised || aheadMs < this.leastMs) this.leastMs = aheadMs;
    return isRaised;
  }
}
