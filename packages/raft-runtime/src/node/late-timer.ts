/**
 * Timers after a stall. Node runs timers before it reads sockets: a process that was paused for two seconds would find
 * its election timeout expired and campaign, while its leader's heartbeats wait unread. So a timer that comes late waits
 * until the sockets are drained. Source: R12.
 */

export interface LateTimerLimits {
  /** A wake-up later than this is late. */
  readonly heartbeatMs: number;
  /** A peer that never stops talking must not hold the timer for longer than this. */
  readonly electionTimeoutMinMs: number;
}

export class LateTimer {
  private readonly limits: LateTimerLimits;
  private heldSinceMs: number | null = null;

  constructor(limits: LateTimerLimits) {
    this.limits = limits;
  }

  get isHeld(): boolean {
    return this.heldSinceMs !== null;
  }

  /** The wake-up asked for `dueMs` came at `nowMs`. Says whether its timer has to wait. */
  hold(dueMs: number, nowMs: number): boolean {
    if (nowMs - dueMs <= this.limits.heartbeatMs) return false;
    this.heldSinceMs ??= nowMs;
    return true;
  }

  /** A turn ended in which peers were heard or not. Says whether a held timer is to be stepped now. */
  release(wereHeard: boolean, nowMs: number): boolean {
    if (this.heldSinceMs === null) return false;
    if (wereHeard && nowMs - this.heldSinceMs < this.limits.electionTimeoutMinMs) return false;
    this.heldSinceMs = null;
    return true;
  }
}
