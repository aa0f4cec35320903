/** Has leadership handed over, and remembers what was told of it. Source: Diss. §3.10. */

import { KvError, type KvClient } from '@raftkv/kv-client';
import { outcomeOf } from './outcome.ts';
import type { Leaders } from './leaders.ts';

/** A term above that one was told of, and who leads it, unless that was open. */
interface Told {
  readonly target: string | null;
  readonly leader: string | null;
  readonly afterTerm: number;
}

export class Transfers {
  private readonly leaders: Leaders;
  private readonly told: Told[] = [];

  constructor(leaders: Leaders) {
    this.leaders = leaders;
  }

  /** Gives what became of it, in a few words. Null as a target is whoever lacks least. */
  async handOver({ cluster }: KvClient, target: string | null, timeoutMs: number): Promise<string> {
    try {
      // Who leads now may be a later one, but never an earlier.
      const { term: afterTerm } = await cluster.status({ timeoutMs });
      const { leader } = await cluster.transferLeadership(target, { timeoutMs });
      this.told.push({ target, leader, afterTerm });
      if (leader === null) return 'open';
      return leader === target || target === null ? 'done' : 'another leads';
    } catch (error) {
      if (!(error instanceof KvError)) throw error;
      return outcomeOf(error);
    }
  }

  /** Of what was told, that for which there is no term; empty where there is one for each. */
  unexplained(): readonly string[] {
    const open = this.told.filter(({ leader, afterTerm }) => !this.leaders.hasLedAfter(afterTerm, leader));
    return open.map(
      ({ target, leader, afterTerm }) =>
        `a transfer to ${target ?? 'whoever lacks least'} told that ${leader ?? 'somebody'} leads: not above term ${afterTerm}`,
    );
  }
}
