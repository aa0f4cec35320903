/**
 * How long sessions live, as the leader's clock sees it. A deadline belongs to a term: a new or returning leader gives
 * every session its full time. Late is bounded, early never. Source: R38, R39.
 */

import type { SessionId } from '@raftkv/kv-protocol';

export interface SessionClockLimits {
  /** A session that is not kept alive for this long ends. */
  readonly sessionTtlMs: number;
  /** A turn later than this was stalled, and its lateness is nobody's fault. */
  readonly latenessMaxMs: number;
}

export class SessionClock {
  private readonly limits: SessionClockLimits;
  /** When each session ends; in the order in which they were heard of. */
  private readonly deadlines = new Map<SessionId, number>();
  /** Proposed to end: no keep-alive is answered for them any more. */
  private readonly ending = new Set<SessionId>();

  constructor(limits: SessionClockLimits) {
    this.limits = limits;
  }

  /** This node leads, and has applied everything before its term: every session has its full time. */
  begin(sessions: Iterable<SessionId>, nowMs: number): void {
    this.stop();
    for (const session of sessions) this.deadlines.set(session, nowMs + this.limits.sessionTtlMs);
  }

  /** This node leads no more: what it thinks of time counts no more. */
  stop(): void {
    this.deadlines.clear();
    this.ending.clear();
  }

  /** A session was opened, or asked to be kept alive and may be. Says whether it is. */
  keepAlive(session: SessionId, nowMs: number): boolean {
    if (this.ending.has(session)) return false;
    this.deadlines.set(session, nowMs + this.limits.sessionTtlMs);
    return true;
  }

  /** The state machine has ended it. */
  forget(session: SessionId): void {
    this.deadlines.delete(session);
    this.ending.delete(session);
  }

  /** It was proposed that they end; where that was refused they are to be proposed again. */
  settle(sessions: readonly SessionId[], isEnded: boolean): void {
    for (const session of sessions) {
      this.ending.delete(session);
      if (isEnded) this.deadlines.delete(session);
    }
  }

  /** A wake-up was due at `dueMs` and came at `nowMs`: a stall must not end anyone's session. */
  excuse(dueMs: number, nowMs: number): void {
    const lateMs = nowMs - dueMs;
    if (lateMs <= this.limits.latenessMaxMs) return;
    for (const [session, deadlineMs] of this.deadlines) this.deadlines.set(session, deadlineMs + lateMs);
  }

  /** Sessions whose time is over, `countMax` at most; from now on they are not kept alive. */
  takeExpired(nowMs: number, countMax: number): readonly SessionId[] {
    const expired: SessionId[] = [];
    for (const [session, deadlineMs] of this.deadlines) {
      if (expired.length === countMax) break;
      if (deadlineMs > nowMs || this.ending.has(session)) continue;
      this.ending.add(session);
      expired.push(session);
    }
    return expired;
  }
}
