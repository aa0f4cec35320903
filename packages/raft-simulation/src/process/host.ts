/** A machine: its clock, its disk, and the process that runs on it. */

import type { NodeId } from '@raftkv/core';
import type { SimulatedNetwork } from '../network/network.ts';
import type { World } from '../world/world.ts';
import { HostClock, STEADY_CLOCK, type ClockSettings } from './host-clock.ts';
import { Life } from './life.ts';
import type { Disk, Program, RunningProgram } from './program.ts';

/** What a machine is made of. */
export interface HostOptions<D extends Disk> {
  /** Of the machine, and of its node. */
  readonly id: NodeId;
  /** To which its process is connected. */
  readonly network: SimulatedNetwork;
  /** What survives its process. */
  readonly disk: D;
  /** What its process runs. */
  readonly program: Program<D>;
  /** A true clock unless given. */
  readonly clock?: ClockSettings;
}

/** One machine. */
export class SimulatedHost<D extends Disk> {
  /** Of the machine, and of its node. */
  readonly id: NodeId;
  /** The same through all lives; another content after `wipe`. */
  readonly disk: D;
  /** The same through all lives. */
  readonly clock: HostClock;
  private readonly world: World;
  private readonly options: HostOptions<D>;
  private currentLife: Life | null = null;
  private program: RunningProgram | null = null;
  private cause: Error | null = null;
  private starts = 0;

  constructor(world: World, options: HostOptions<D>) {
    this.id = options.id;
    this.disk = options.disk;
    this.world = world;
    this.options = options;
    const chance = world.chance.fork(`clock of ${options.id}`);
    this.clock = new HostClock(world, options.clock ?? STEADY_CLOCK, chance);
  }

  /** Is there a process, started or starting, paused or not? */
  get isUp(): boolean {
    return this.currentLife !== null;
  }

  /** Does its process stand still? */
  get isPaused(): boolean {
    return this.currentLife?.isPaused ?? false;
  }

  /** How often it was started. */
  get life(): number {
    return this.starts;
  }

  /** `null` while the process is down or not yet started through. */
  get running(): RunningProgram | null {
    return this.program;
  }

  /** Why the program of this life could not start, or ended itself; `null` again with the next start. */
  get failure(): Error | null {
    return this.cause;
  }

  /** Nothing where there is a process already. */
  start(): void {
    if (this.isUp) return;
    const life = new Life(this.world);
    this.currentLife = life;
    this.cause = null;
    this.starts += 1;
    const chance = this.world.chance.fork(`life ${this.starts} of ${this.id}`);
    this.world.note(`${this.id} starts ${this.starts}`);
    const starting = this.options.program.start({
      id: this.id,
      life: this.starts,
      clock: this.clock.clockOf(life),
      transport: this.options.network.transport(this.id, life),
      timeline: life,
      randomBytes: (count) => chance.bytes(count),
      disk: this.disk,
      failed: (cause) => this.onFailed(life, cause),
    });
    starting.then(
      (running) => this.onStarted(life, running),
      (error: unknown) => this.onFailed(life, error),
    );
  }

  /** The process is gone without a word, and with it what the disk had not synced. */
  crash(): void {
    if (!this.isUp) return;
    this.world.note(`${this.id} crashes`);
    this.currentLife?.end();
    this.currentLife = null;
    this.program?.stop?.();
    this.program = null;
    this.options.network.onCrash(this.id);
    this.disk.crash();
  }

  /** Everything that comes waits, while time goes on. */
  pause(): void {
    this.world.note(`${this.id} pauses`);
    this.currentLife?.pause();
  }

  /** What waited comes in a burst, timers first. */
  resume(): void {
    this.world.note(`${this.id} resumes`);
    this.currentLife?.resume();
  }

  /** The process is gone, and the disk is another, empty one. */
  wipe(): void {
    this.crash();
    this.world.note(`${this.id} is wiped`);
    this.disk.wipe();
  }

  private onStarted(life: Life, running: RunningProgram): void {
    if (life.isOver) return running.stop?.();
    this.program = running;
    this.world.note(`${this.id} is started`);
  }

  private onFailed(life: Life, error: unknown): void {
    if (life.isOver || this.cause !== null) return;
    this.cause = error instanceof Error ? error : new Error(String(error));
    this.world.note(`${this.id} fails: ${this.cause.message}`);
  }
}
