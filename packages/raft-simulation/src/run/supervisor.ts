/** Looks after processes whose program has failed: what a fault explains is started again, anything else ends the run. */

import { EmptiedMemberError } from '@raftkv/runtime';
import type { SimulatedLogDisk } from '../disk/log-disk.ts';
import { SyncFailedError } from '../disk/settings.ts';
import type { SimulatedHost } from '../process/host.ts';
import type { World } from '../world/world.ts';

const RESTART_MS = 100;

export class Supervisor {
  private readonly world: World;
  private readonly hosts: readonly SimulatedHost<SimulatedLogDisk>[];
  private readonly given = new Set<string>();

  constructor(world: World, hosts: readonly SimulatedHost<SimulatedLogDisk>[]) {
    this.world = world;
    this.hosts = hosts;
    world.addCheck(() => this.look());
  }

  /** Nobody starts this host again. */
  giveUp(id: string): void {
    this.given.add(id);
  }

  /** Starts whoever is down and not given up. */
  startAll(): void {
    for (const host of this.hosts) this.restart(host);
  }

  private look(): void {
    for (const host of this.hosts) {
      const { failure } = host;
      if (failure === null || !host.isUp) continue;
      // An emptied member says so and stays away (R28).
      const isEmptied = failure instanceof EmptiedMemberError && host.disk.wipes > 0;
      if (!isEmptied && !(failure instanceof SyncFailedError)) throw failure;
      host.crash();
      if (isEmptied) this.giveUp(host.id);
      else this.world.after(RESTART_MS, () => this.restart(host));
    }
  }

  private restart(host: SimulatedHost<SimulatedLogDisk>): void {
    if (!this.given.has(host.id)) host.start();
  }
}
