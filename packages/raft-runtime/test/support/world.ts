/** Time, sockets and disks that move only when the test says so. */

import type { Clock } from '../../src/index.ts';

export class World {
  nowMs = 0;
  /** How long machines have slept: their monotonic clocks have not noticed. */
  sleptMs = 0;
  /** What sockets and disks have to tell. */
  private readonly tasks: (() => void)[] = [];
  private readonly turnEnds: (() => void)[] = [];
  private readonly clocks: ManualClock[] = [];

  readonly schedule = (task: () => void): void => {
    this.tasks.push(task);
  };

  readonly endOfTurn = (callback: () => void): void => {
    this.turnEnds.push(callback);
  };

  clock(): ManualClock {
    const clock = new ManualClock(this);
    this.clocks.push(clock);
    return clock;
  }

  /** Ends the turn: everything told so far, then the callbacks. Says whether there was anything. */
  turn(): boolean {
    const tasks = this.tasks.splice(0);
    for (const task of tasks) task();
    return this.endTurn() || tasks.length > 0;
  }

  /** Runs turns until nothing is left to tell, promises included. Time stands still. */
  async settle(): Promise<void> {
    for (let count = 0; ; count += 1) {
      if (count > 10_000) throw new Error('turns without end');
      const wasBusy = this.turn();
      await nextTurn();
      if (!wasBusy && this.tasks.length === 0 && this.turnEnds.length === 0) return;
    }
  }

  /** Lets time pass, each wake-up on time. */
  async elapse(ms: number): Promise<void> {
    await this.settle();
    for (const endMs = this.nowMs + ms; ;) {
      const due = this.clocks.map((clock) => clock.dueMs ?? Infinity);
      const nextMs = Math.min(...due);
      if (nextMs > endMs) {
        this.nowMs = endMs;
        return;
      }
      this.nowMs = Math.max(this.nowMs, nextMs);
      for (const clock of this.clocks) clock.wakeIfDue();
      await this.settle();
    }
  }

  /** The process of `clock` stood still for `ms`: its timers fire before its sockets are read. */
  stall(clock: ManualClock, ms: number): void {
    this.nowMs += ms;
    clock.wakeIfDue();
  }

  private endTurn(): boolean {
    const ends = this.turnEnds.splice(0);
    for (const end of ends) end();
    return ends.length > 0;
  }
}

/** The clock of one node. */
export class ManualClock implements Clock {
  dueMs: number | null = null;
  private readonly world: World;
  private wake: () => void = () => {};
  private isStopped = false;

  constructor(world: World) {
    this.world = world;
  }

  nowMs(): number {
    return this.world.nowMs;
  }

  wallMs(): number {
    return this.world.nowMs + this.world.sleptMs;
  }

  wakeAt(atMs: number | null, wake: () => void): void {
    this.dueMs = this.isStopped ? null : atMs;
    this.wake = wake;
  }

  endOfTurn(callback: () => void): void {
    this.world.endOfTurn(() => {
      if (!this.isStopped) callback();
    });
  }

  wakeIfDue(): void {
    if (this.dueMs === null || this.dueMs > this.world.nowMs) return;
    this.dueMs = null;
    this.wake();
  }

  /** Its process is gone. */
  stop(): void {
    this.isStopped = true;
    this.dueMs = null;
  }
}

/** Lets all promises that can settle do so. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
