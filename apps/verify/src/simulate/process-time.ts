/** The clock of a simulated process, for those who want a wake-up or timers of their own beside the node's. */

import type { ServiceClock } from '@raftkv/kv-service';
import type { Clock } from '@raftkv/runtime';
import type { Timeline } from '@raftkv/simulation';

/** A timer that came a hair too early waits so much longer. */
const RESOLUTION_MS = 0.001;

export class ProcessTime implements ServiceClock {
  private readonly clock: Pick<Clock, 'nowMs'>;
  private readonly timeline: Timeline;
  private cancelWakeUp: () => void = () => {};

  constructor(clock: Pick<Clock, 'nowMs'>, timeline: Timeline) {
    this.clock = clock;
    this.timeline = timeline;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  wakeAt(atMs: number | null, wake: () => void): void {
    this.cancelWakeUp();
    this.cancelWakeUp = atMs === null ? () => {} : this.setTimer(atMs - this.nowMs(), wake);
  }

  readonly setTimer = (delayMs: number, callback: () => void): (() => void) => {
    const dueMs = this.nowMs() + delayMs;
    let isCancelled = false;
    const wait = (restMs: number): void => {
      this.timeline.after(restMs, () => {
        if (isCancelled) return;
        const leftMs = dueMs - this.nowMs();
        if (leftMs > 0) return wait(Math.max(leftMs, RESOLUTION_MS));
        callback();
      });
    };
    wait(delayMs);
    return () => {
      isCancelled = true;
    };
  };
}
