/** Who has to serve once all has healed, where members may come and go, and whether that can be asked of them. */

import type { NodeId } from '@raftkv/core';
import type { FaultyDisk } from '../plan/faulty-disk.ts';
import type { LostHost, Plan } from '../plan/plan.ts';
import type { SimulatedHost } from '../process/host.ts';
import {
  canServe,
  lastConfigurations,
  losable,
  membersOfAll,
  possibleConfigurations,
} from './final-members.ts';
import { areAdmitted } from './peace.ts';

/** Of one run. */
export class Survivors<D extends FaultyDisk> {
  /** Those that do not serve in the end. */
  lost: readonly LostHost[];
  private readonly doMembersChange: boolean;
  private readonly all: readonly SimulatedHost<D>[];
  private readonly isGone: (host: SimulatedHost<D>) => boolean;

  /** `isGone`: of whose disk so much is lost that it does not come back by itself (R28); those that were emptied, at least. */
  constructor(
    { lost, changes }: Plan,
    all: readonly SimulatedHost<D>[],
    isGone: (host: SimulatedHost<D>) => boolean = isEmptied,
  ) {
    this.lost = lost;
    this.doMembersChange = changes !== undefined;
    this.all = all;
    this.isGone = isGone;
  }

  /** Those that have to serve. */
  get hosts(): readonly SimulatedHost<D>[] {
    const members = membersOfAll(lastConfigurations(this.all));
    const gone = this.doMembersChange ? this.gone : [];
    return this.all.filter(
      ({ id }) => members.has(id) && !gone.includes(id) && this.lost.every((lost) => lost.id !== id),
    );
  }

  /** Where members change nobody knew before how many can be lost. */
  chooseLost(): void {
    if (!this.doMembersChange) return;
    this.lost = losable(this.lost, possibleConfigurations(this.all), this.gone);
  }

  /**
   * Not where an emptied member keeps one that has never run from being admitted (R28), or where so many are gone that nobody
   * can be elected any more.
   */
  get canServe(): boolean {
    const { gone, lost } = this;
    if (gone.length === 0) return true;
    if (!areAdmitted(this.hosts)) return false;
    if (!this.doMembersChange) return true;
    const missing = new Set<string>([...gone, ...lost.map(({ id }) => id)]);
    return canServe(possibleConfigurations(this.all), (id) => !missing.has(id));
  }

  private get gone(): readonly NodeId[] {
    return this.all.flatMap((host) => (this.isGone(host) ? [host.id] : []));
  }
}

function isEmptied<D extends FaultyDisk>({ disk }: SimulatedHost<D>): boolean {
  return (disk.wipes ?? 0) > 0;
}
