/** Time of the machine, in Node and in browsers. */

import type { Clock } from './ports/clock.ts';

/** Longer timers fire at once; one that fires early is set again. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** One clock for each node: it keeps one wake-up. */
export function systemClock(): Clock {
  return new SystemClock();
}

class SystemClock implements Clock {
  private readonly afterTurn = turnScheduler();
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires, perhaps too early. */
  private firesAtMs = 0;
  private wakeUp: { readonly atMs: number; readonly wake: () => void } | null = null;

  nowMs(): number {
    return performance.now();
  }

  wallMs(): number {
    return Date.now();
  }

  wakeAt(atMs: number | null, wake: () => void): void {
    this.wakeUp = atMs === null ? null : { atMs, wake };
    // One that fires early is set again then: under load the wake-up moves on with every turn, and none of them comes.
    if (atMs !== null && this.timer !== undefined && this.firesAtMs <= atMs) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    if (atMs !== null) this.setTimer(atMs);
  }

  endOfTurn(callback: () => void): void {
    this.afterTurn(callback);
  }

  private setTimer(atMs: number): void {
    const delayMs = Math.ceil(Math.min(Math.max(atMs - this.nowMs(), 0), TIMER_MAX_MS));
    this.firesAtMs = atMs;
    this.timer = setTimeout(() => this.onTimer(), delayMs);
  }

  private onTimer(): void {
    this.timer = undefined;
    const { wakeUp } = this;
    if (wakeUp === null) return;
    // Timers count in whole milliseconds and may fire up to one early.
    if (this.nowMs() < wakeUp.atMs) return this.setTimer(wakeUp.atMs);
    this.wakeUp = null;
    wakeUp.wake();
  }
}

type Scheduler = (callback: () => void) => void;

/** Node calls immediates once the sockets that were ready are read; elsewhere a message to oneself comes after them. */
function turnScheduler(): Scheduler {
  const setImmediate: unknown = Reflect.get(globalThis, 'setImmediate');
  return isScheduler(setImmediate) ? (callback) => setImmediate(callback) : messageScheduler();
}

function isScheduler(value: unknown): value is Scheduler {
  return typeof value === 'function';
}

/** Not a timer of 0 ms: browsers stretch those to 4 ms, and to a second in the background. */
function messageScheduler(): Scheduler {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.addEventListener('message', () => waiting.shift()?.());
  port1.start();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(null);
  };
}
