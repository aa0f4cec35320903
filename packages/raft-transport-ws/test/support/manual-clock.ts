/** Time that passes when a test says so. */

import type { Cancel, TransportClock } from '../../src/index.ts';

export class ManualClock implements TransportClock {
  private now = 0;
  private readonly waiting = new Map<() => void, number>();

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, callback: () => void): Cancel {
    const timer = (): void => callback();
    this.waiting.set(timer, this.now + delayMs);
    return () => this.waiting.delete(timer);
  }

  /** How long until the next timer. */
  nextInMs(): number {
    return Math.min(...this.waiting.values()) - this.now;
  }

  /** Resolves when so many wait. */
  async timers(count: number): Promise<void> {
    while (this.waiting.size !== count) await new Promise(setImmediate);
  }

  /** Resolves when something waits that is due within so long; what comes from sockets may set it. */
  async timerWithin(ms: number): Promise<void> {
    while (this.nextInMs() > ms) await new Promise(setImmediate);
  }

  /** Each timer at its own time. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (let next = this.next(end); next !== null; next = this.next(end)) {
      const [timer, atMs] = next;
      this.now = Math.max(this.now, atMs);
      this.waiting.delete(timer);
      timer();
    }
    this.now = end;
  }

  /** The process stands still, and then all that is due comes at once, late. */
  stall(ms: number): void {
    this.now += ms;
    this.advance(0);
  }

  private next(byMs: number): [() => void, number] | null {
    const due = [...this.waiting]
      .filter(([, atMs]) => atMs <= byMs)
      .toSorted(([, one], [, other]) => one - other);
    return due[0] ?? null;
  }
}
