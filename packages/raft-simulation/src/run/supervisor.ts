/** Looks after processes whose program has failed: what a fault explains is started again, anything else ends the run. */

import type { SimulatedHost } from '../process/host.ts';
import type { Disk } from '../process/program.ts';
import type { World } from '../world/world.ts';

const RESTART_MS = 100;

/**
 * What an operator would do about a process that ended with `failure`, knowing what befell its disk: start it again, or leave
 * it down. Throws where nothing that happened explains the failure.
 */
export type Advice<D extends Disk> = (failure: Error, host: SimulatedHost<D>) => 'start-again' | 'leave';

/** Looks at all hosts after every event. */
export class Supervisor<D extends Disk> {
  private readonly world: World;
  private readonly hosts: readonly SimulatedHost<D>[];
  private readonly advise: Advice<D>;
  private readonly givenUp = new Set<string>();

  constructor(world: World, hosts: readonly SimulatedHost<D>[], advise: Advice<D>) {
    this.world = world;
    this.hosts = hosts;
    this.advise = advise;
    world.addCheck(() => this.look());
  }

  /** Nobody starts this host again. */
  giveUp(id: string): void {
    this.givenUp.add(id);
  }

  /** Starts whoever is down and not given up. */
  startAll(): void {
    for (const host of this.hosts) this.restart(host);
  }

  private look(): void {
    for (const host of this.hosts) {
      const { failure } = host;
      if (failure === null || !host.isUp) continue;
      const advice = this.advise(failure, host);
      this.world.note(`${host.id} ends: ${failure.message}`);
      host.crash();
      if (advice === 'start-again') this.world.after(RESTART_MS, () => this.restart(host));
      else this.giveUp(host.id);
    }
  }

  private restart(host: SimulatedHost<D>): void {
    if (!this.givenUp.has(host.id)) host.start();
  }
}
