/** Who led which term, by what all nodes say as they hear of it. Source: Raft §5.2. */

import type { Part } from '@raftkv/server/local-cluster';

export class Leaders {
  private readonly byTerm = new Map<number, string>();
  private lastTerm = 0;
  private readonly doubles: string[] = [];

  /** `name` says so. */
  heard(name: string, { term, leader }: Part): void {
    this.lastTerm = Math.max(this.lastTerm, term);
    if (leader === null) return;
    const known = this.byTerm.get(term);
    if (known === undefined) this.byTerm.set(term, leader);
    else if (known !== leader) {
      this.doubles.push(`${name} says that ${leader} leads term ${term}, which ${known} was said to lead`);
    }
  }

  /** Terms with two leaders; each is told once. */
  takeDoubles(): readonly string[] {
    return this.doubles.splice(0);
  }

  /** Has `leader` led a term above this one? Null: has such a term begun? */
  hasLedAfter(term: number, leader: string | null): boolean {
    if (leader === null) return this.lastTerm > term;
    return [...this.byTerm].some(([led, name]) => led > term && name === leader);
  }
}
