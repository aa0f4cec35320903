/** Time and sockets that move only when the test says so. */

import type { ClientClock } from '../../src/index.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class SimulatedTime implements ClientClock {
  private now = 0;
  private timers: Timer[] = [];
  private readonly turnEnds: (() => void)[] = [];
  /** What sockets have to tell, in order. */
  private readonly tasks: (() => void)[] = [];

  nowMs(): number {
    return this.now;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.now + delayMs, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  endOfTurn(callback: () => void): void {
    this.turnEnds.push(callback);
  }

  get timerCount(): number {
    return this.timers.length;
  }

  later(task: () => void): void {
    this.tasks.push(task);
  }

  /** Until sockets and promises have nothing more to tell, and no timer is due. Time stands still. */
  async settle(): Promise<void> {
    for (let count = 0; count < 20_000; count += 1) {
      await nextTurn();
      const task = this.turnEnds.shift() ?? this.tasks.shift() ?? this.takeDue(this.now);
      if (task === undefined) return;
      task();
    }
    throw new Error('turns without end');
  }

  /** Lets time pass, each timer on time. */
  async elapse(ms: number): Promise<void> {
    const endMs = this.now + ms;
    await this.settle();
    for (;;) {
      const nextMs = Math.min(...this.timers.map((timer) => timer.dueMs));
      if (nextMs > endMs) break;
      this.now = nextMs;
      await this.settle();
    }
    this.now = endMs;
  }

  private takeDue(nowMs: number): (() => void) | undefined {
    const [first] = this.timers.filter((timer) => timer.dueMs <= nowMs).toSorted((a, b) => a.dueMs - b.dueMs);
    this.timers = this.timers.filter((timer) => timer !== first);
    return first?.callback;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
