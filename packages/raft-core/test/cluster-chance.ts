/** What a seed decides: every draw of a random cluster, and the limits that its nodes run with. */

import type { NodeOptions } from '../src/index.ts';
import { draw, seededRandom } from '../src/basics/random.ts';

export class Chance {
  private random: number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  between(from: number, to: number): number {
    const { value, random } = draw(this.random);
    this.random = random;
    return from + value * (to - from);
  }

  chance(share: number): boolean {
    return this.between(0, 1) < share;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.between(0, items.length))]!;
  }
}

export function randomLimits(chance: Chance): Partial<NodeOptions> {
  // Small limits in most runs: windows fill, quotas refuse, peers fall behind the tail. Short timeouts in most: many
  // elections, and messages and writes that outlive the term they speak of.
  const isHasty = chance.chance(0.75);
  return {
    ...(isHasty ? { heartbeatMs: 20, electionTimeoutMinMs: 60, electionTimeoutMaxMs: 120 } : {}),
    tailEntriesMax: chance.pick([1, 3, 20, 1024]),
    tailBytesMax: chance.pick([1, 500, 1_000_000]),
    appendBytesMax: chance.pick([1, 300, 1_000_000]),
    inFlightAppendsMax: chance.pick([1, 2, 64]),
    inFlightBytesMax: chance.pick([1, 500, 1_000_000]),
    uncommittedBytesMax: chance.pick([1000, 1_000_000]),
    waitingReadsMax: chance.pick([3, 1000]),
    peerTailBytesMax: chance.pick([1000, 1_000_000]),
  };
}

/** Where snapshots are taken: most streams are short for the time that they get, and some are not. */
export function snapshotLimits(chance: Chance): Partial<NodeOptions> {
  return { snapshotTimeoutMs: chance.pick([60, 400]), compactionWaitMaxMs: chance.pick([1, 100]) };
}
