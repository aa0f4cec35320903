/** Looks after machines: a process that a fault has ended is started again, one that ended by itself ends the run. */

import { EmptiedMemberError } from '@raftkv/runtime';
import type { SimulatedHost, World } from '@raftkv/simulation';
import { DamagedError, StorageFailedError, UnknownFormatError } from '@raftkv/storage-file';
import { BrokenPromise } from './broken-promise.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

type Host = SimulatedHost<SimulatedDisk>;

const RESTART_MS = 100;

export class Supervisor {
  private readonly world: World;
  private readonly hosts: readonly Host[];
  private readonly givenUp = new Set<string>();

  constructor(world: World, hosts: readonly Host[]) {
    this.world = world;
    this.hosts = hosts;
    world.addCheck(() => this.look());
  }

  /** Nobody starts this machine again. */
  giveUp(id: string): void {
    this.givenUp.add(id);
  }

  /** Whoever is down and was not given up. */
  startAll(): void {
    for (const host of this.hosts) this.restart(host);
  }

  private look(): void {
    for (const host of this.hosts) {
      const { failure } = host;
      if (failure === null || !host.isUp) continue;
      const advice = adviceFor(failure, host.disk);
      if (advice === null)
        throw new BrokenPromise('alive', `${host.id}: ${failure.stack ?? failure.message}`);
      this.world.note(`${host.id} ends: ${failure.message}`);
      host.crash();
      if (advice === 'start-again') this.world.after(RESTART_MS, () => this.restart(host));
      else this.giveUp(host.id);
    }
  }

  private restart(host: Host): void {
    if (!this.givenUp.has(host.id)) host.start();
  }
}

/** What an operator would do who knows what befell the disk; null where nothing did that explains the failure. */
function adviceFor(failure: Error, disk: SimulatedDisk): 'start-again' | 'leave' | null {
  if (disk.hasFailed && isOfDisk(failure)) return 'start-again';
  // What is damaged, or emptied, says so and stays away (R28, R30).
  if (disk.isDamaged && (failure instanceof DamagedError || failure instanceof UnknownFormatError))
    return 'leave';
  return disk.wipes > 0 && failure instanceof EmptiedMemberError ? 'leave' : null;
}

/** While the log is opened, what the system says comes as it is. */
function isOfDisk(failure: Error): boolean {
  if (failure instanceof StorageFailedError) return true;
  return 'code' in failure && (failure.code === 'EIO' || failure.code === 'ENOSPC');
}
