/** What was acknowledged, and when by each machine's own clock: what a read of one has to see. Source: Raft §8; R17. */

import type { NodeId } from '@raftkv/core';

/** A machine whose clock a bounded read goes by. */
export interface Clocked {
  /** As the configuration names its node. */
  readonly id: NodeId;
  /** Its own, which no process changes. */
  readonly clock: { nowMs(): number };
}

interface Noted {
  readonly position: number;
  readonly shown: ReadonlyMap<NodeId, number>;
}

/** Of what only grows: the indexes of a log, or revisions. */
export class Acknowledged {
  private readonly hosts: readonly Clocked[];
  /** In rising order of their positions. */
  private readonly noted: Noted[] = [];

  constructor(hosts: readonly Clocked[]) {
    this.hosts = hosts;
  }

  /** The highest position that was acknowledged; 0 for none. */
  get last(): number {
    return this.noted.at(-1)?.position ?? 0;
  }

  /** All up to `position` is acknowledged from now on. */
  note(position: number): void {
    if (position <= this.last) return;
    this.noted.push({
      position,
      shown: new Map(this.hosts.map(({ id, clock }) => [id, clock.nowMs()] as const)),
    });
  }

  /**
   * What a read that is asked of `id` now must see, if it may be stale by so much of that machine's time. What was acknowledged
   * while the machine slept is taken to be younger than it is.
   */
  dueFor(id: NodeId, maxStalenessMs: number): number {
    if (maxStalenessMs === 0) return this.last;
    const untilMs = (this.hosts.find((host) => host.id === id)?.clock.nowMs() ?? 0) - maxStalenessMs;
    return this.noted.findLast(({ shown }) => (shown.get(id) ?? 0) < untilMs)?.position ?? 0;
  }
}
