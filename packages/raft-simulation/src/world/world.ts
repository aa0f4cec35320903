/** The one event queue of a simulation: nothing happens but what stands in it, one thing after another. */

import { Chance } from './chance.ts';
import { EventQueue } from './event-queue.ts';
import { settle } from './settle.ts';
import type { Timeline } from './timeline.ts';
import { Trace } from './trace.ts';

/** So many events of one moment cause each other without end. */
const EVENTS_OF_A_MOMENT_MAX = 100_000;

/** An event threw, or a check after it did: the run is over. `cause` is what was thrown. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly code = 'SIMULATION_FAILED';
  /** Of the world: the same seed fails again, in the same way. */
  readonly seed: number;
  /** When it happened. */
  readonly atMs: number;
  /** The last lines of the trace, oldest first. */
  readonly trace: readonly string[];

  constructor(world: { seed: number; nowMs: number }, trace: readonly string[], cause: unknown) {
    super(
      `seed ${world.seed} at ${world.nowMs} ms: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
    this.seed = world.seed;
    this.atMs = world.nowMs;
    this.trace = trace;
  }
}

/**
 * A simulated world. Takes events in the order of their time, those of one moment in the order in which they were added;
 * after each one all promise reactions settle, then the checks look.
 */
export class World implements Timeline {
  /** From which everything follows. */
  readonly seed: number;
  /** The world's own stream: take a fork of it, so that others are not disturbed. */
  readonly chance: Chance;
  private readonly queue = new EventQueue();
  private readonly history: Trace;
  private readonly checks: (() => void)[] = [];
  private now = 0;
  private taken = 0;
  private atThisMoment = 0;

  /** Keeps the last 200 lines of its trace, or as many as `traceLinesMax` says. */
  constructor(seed: number, traceLinesMax?: number) {
    this.history = new Trace(traceLinesMax);
    this.seed = seed;
    this.chance = new Chance(seed);
  }

  get nowMs(): number {
    return this.now;
  }

  /** Events so far. */
  get events(): number {
    return this.taken;
  }

  after(delayMs: number, run: () => void): void {
    this.queue.add(microseconds(this.now + Math.max(delayMs, 0)), run);
  }

  /** `check` is called after every event from now on; what it throws ends the run. */
  addCheck(check: () => void): void {
    this.checks.push(check);
  }

  /** Adds a line to the trace, with the time before it. Every fact of a run that has to be the same again belongs there. */
  note(line: string): void {
    this.history.add(`${this.now} ${line}`);
  }

  /** Of the trace so far: equal runs have equal ones, on every engine. */
  digest(): string {
    return this.history.digest();
  }

  /** The last lines of the trace, oldest first. */
  lastLines(count?: number): readonly string[] {
    return this.history.last(count);
  }

  /**
   * Lets everything happen until `atMs`, or until `isOver` says so after an event.
   *
   * @throws {SimulationError} where an event or a check throws.
   */
  async runUntil(atMs: number, isOver: () => boolean = () => false): Promise<void> {
    // What was begun outside of any event.
    await settle();
    for (let event = this.queue.take(atMs); event !== null; event = this.queue.take(atMs)) {
      this.atThisMoment = event.atMs === this.now ? this.atThisMoment + 1 : 0;
      this.now = event.atMs;
      this.taken += 1;
      try {
        if (this.atThisMoment > EVENTS_OF_A_MOMENT_MAX)
          throw new Error('time stands still: events cause events');
        event.run();
        await settle();
        for (const check of this.checks) check();
      } catch (error) {
        throw new SimulationError(this, this.lastLines(), error);
      }
      if (isOver()) return;
    }
    this.now = Math.max(this.now, microseconds(atMs));
  }
}

/** Rounded up: what is to come later never comes sooner. Whole numbers of microseconds print the same everywhere. */
function microseconds(ms: number): number {
  return Math.ceil(ms * 1000 - 1e-6) / 1000;
}
