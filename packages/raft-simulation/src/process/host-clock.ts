/** The monotonic clock of a machine: it runs fast or slow, jumps ahead, and never goes back. */

import type { Clock } from '@raftkv/runtime';
import type { Chance } from '../world/chance.ts';
import type { Timeline } from '../world/timeline.ts';
import type { Life } from './life.ts';

/** How the clock of a machine runs. */
export interface ClockSettings {
  /** What it shows at the beginning of the world. */
  readonly startMs: number;
  /** Milliseconds of this clock in one of the world; 1.02 runs two percent fast. */
  readonly rate: number;
  /** How long the rest of a turn of the event loop takes, from and to: what comes meanwhile is of the same turn. */
  readonly turnMs: readonly [number, number];
}

/** A true clock. */
export const STEADY_CLOCK: ClockSettings = { startMs: 1000, rate: 1, turnMs: [0, 0] };

/** A timer rounds up to it, so that it never fires before its time. */
const RESOLUTION_MS = 0.001;

/** The clock of one machine: the same through all lives of its process. */
export class HostClock {
  private readonly timeline: Timeline;
  private readonly settings: ClockSettings;
  private readonly chance: Chance;
  private aheadMs: number;
  private current: ProcessClock | null = null;

  constructor(timeline: Timeline, settings: ClockSettings, chance: Chance) {
    this.timeline = timeline;
    this.settings = settings;
    this.chance = chance;
    this.aheadMs = settings.startMs;
  }

  /** What it shows. */
  nowMs(): number {
    return this.timeline.nowMs * this.settings.rate + this.aheadMs;
  }

  /** The time of day. It is true. */
  wallMs(): number {
    return this.timeline.nowMs + this.settings.startMs;
  }

  /** As a machine that slept, and counts it: what is due is due at once. */
  jump(byMs: number): void {
    this.aheadMs += Math.max(byMs, 0);
    this.current?.setAgain();
  }

  /** As a machine that slept for the last `forMs` of the world, and does not count it (R19). */
  fallBehind(forMs: number): void {
    this.aheadMs -= forMs * this.settings.rate;
  }

  /** The clock of one life of the process. */
  clockOf(life: Life): Clock {
    this.current = new ProcessClock(this, life);
    return this.current;
  }

  /** How long the world has to wait until this clock shows `atMs`. */
  delayUntil(atMs: number): number {
    return Math.max((atMs - this.nowMs()) / this.settings.rate, 0);
  }

  /** How long the rest of this turn of the event loop takes. */
  turnMs(): number {
    const [from, to] = this.settings.turnMs;
    return this.chance.between(from, to);
  }
}

class ProcessClock implements Clock {
  private readonly clock: HostClock;
  private readonly life: Life;
  private wakeUp: { readonly atMs: number; readonly wake: () => void } | null = null;
  private turn: (() => void)[] = [];

  constructor(clock: HostClock, life: Life) {
    this.clock = clock;
    this.life = life;
  }

  /** What it shows. */
  nowMs(): number {
    return this.clock.nowMs();
  }

  /** The time of day. */
  wallMs(): number {
    return this.clock.wallMs();
  }

  wakeAt(atMs: number | null, wake: () => void): void {
    this.wakeUp = atMs === null ? null : { atMs, wake };
    this.setAgain();
  }

  endOfTurn(callback: () => void): void {
    this.turn.push(callback);
    if (this.turn.length === 1) this.life.after(this.clock.turnMs(), () => this.endTurn());
  }

  setAgain(): void {
    const { wakeUp } = this;
    if (wakeUp !== null) this.wait(wakeUp, this.clock.delayUntil(wakeUp.atMs));
  }

  private wait(wakeUp: { readonly atMs: number; readonly wake: () => void }, delayMs: number): void {
    this.life.afterAs('timer', delayMs, () => {
      if (this.wakeUp !== wakeUp) return;
      // Rounding may bring it a hair too early, and a machine that slept much too early.
      if (this.nowMs() < wakeUp.atMs)
        return this.wait(wakeUp, Math.max(this.clock.delayUntil(wakeUp.atMs), RESOLUTION_MS));
      this.wakeUp = null;
      wakeUp.wake();
    });
  }

  private endTurn(): void {
    const callbacks = this.turn;
    this.turn = [];
    for (const callback of callbacks) callback();
  }
}
