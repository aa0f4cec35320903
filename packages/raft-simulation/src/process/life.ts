/** One life of a process: nothing of it runs once it is over, and nothing while the process is paused. */

import type { Timeline } from '../world/timeline.ts';

/** What a life holds back while it is paused. Timers come first when it goes on, as in an event loop (R12). */
export type TaskKind = 'timer' | 'event';

/** A gate before everything that one life of a process asks for. */
export class Life implements Timeline {
  private readonly timeline: Timeline;
  private state: 'running' | 'paused' | 'over' = 'running';
  private isDraining = false;
  private readonly timers: (() => void)[] = [];
  private readonly events: (() => void)[] = [];

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }

  get nowMs(): number {
    return this.timeline.nowMs;
  }

  /** Is the process gone? */
  get isOver(): boolean {
    return this.state === 'over';
  }

  /** Does the process stand still? */
  get isPaused(): boolean {
    return this.state === 'paused';
  }

  after(delayMs: number, run: () => void): void {
    this.afterAs('event', delayMs, run);
  }

  /** As `after`, for what comes first or last when a pause ends. */
  afterAs(kind: TaskKind, delayMs: number, run: () => void): void {
    this.timeline.after(delayMs, () => this.run(run, kind));
  }

  /** Runs `task` now, or when the process goes on, or never. */
  run(task: () => void, kind: TaskKind = 'event'): void {
    if (this.state === 'over') return;
    if (this.state === 'running' && !this.isDraining) return task();
    if (kind === 'timer') this.timers.push(task);
    else this.events.push(task);
  }

  /** From now on everything waits. */
  pause(): void {
    if (this.state === 'running') this.state = 'paused';
  }

  /** All that came meanwhile comes now, one event after another, in the order in which it came. */
  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    if (this.isDraining) return;
    this.isDraining = true;
    this.timeline.after(0, () => this.drain());
  }

  /** From now on nothing runs. */
  end(): void {
    this.state = 'over';
  }

  private drain(): void {
    if (this.state === 'running') (this.timers.shift() ?? this.events.shift())?.();
    this.isDraining = this.state !== 'over' && this.timers.length + this.events.length > 0;
    if (this.isDraining && this.state === 'running') this.timeline.after(0, () => this.drain());
    // Paused again with something left: the next `resume` goes on.
    if (this.state === 'paused') this.isDraining = false;
  }
}
