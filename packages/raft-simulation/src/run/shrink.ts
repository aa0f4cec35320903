/** Makes a failing plan short: fewer hosts, faults and requests, less time, less that is special; the same name is violated. */

import { endedAt, plainer, shorterFaults, withoutHosts } from '../plan/smaller.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunResult, Violation } from './result.ts';
import { replay } from './run-seed.ts';

/** How to shorten. */
export interface ShrinkOptions<P extends Plan = Plan> {
  /** Runs one plan; `replay` unless given. */
  readonly run?: (plan: P) => Promise<Pick<RunResult, 'violation'>>;
  /** Smaller plans than a plan, by what it has more than a `Plan`; each is tried. */
  readonly smaller?: (plan: P) => readonly P[];
  /** No more runs than this; 1,000. */
  readonly runsMax?: number;
}

/** A short plan that fails. */
export interface Shrunk<P extends Plan = Plan> {
  /** The shortest that was found. */
  readonly plan: P;
  /** How it fails. */
  readonly violation: Violation;
  /** Runs that it took. */
  readonly runs: number;
}

/** The shortest plan that was found, or `null` where `plan` does not fail at all. */
export async function shrink<P extends Plan>(
  plan: P,
  options: ShrinkOptions<P> = {},
): Promise<Shrunk<P> | null> {
  const { run = replay, smaller = () => [], runsMax = 1000 } = options;
  const { violation } = await run(plan);
  return violation === null ? null : new Shrinking(plan, violation, { run, smaller, runsMax }).run();
}

class Shrinking<P extends Plan> {
  private plan: P;
  private violation: Violation;
  private readonly options: Required<ShrinkOptions<P>>;
  private runs = 1;

  constructor(plan: P, violation: Violation, options: Required<ShrinkOptions<P>>) {
    this.plan = plan;
    this.violation = violation;
    this.options = options;
  }

  async run(): Promise<Shrunk<P>> {
    // What is the cheapest to try first: less time makes every later run shorter.
    for (let isShorter = true; isShorter && this.runs < this.options.runsMax;) {
      isShorter = await this.tryTime();
      isShorter = (await this.tryEach(withoutHosts)) || isShorter;
      isShorter = (await this.tryLists()) || isShorter;
      isShorter = (await this.tryEach(plainer)) || isShorter;
      isShorter = (await this.tryEach(this.options.smaller)) || isShorter;
      isShorter = (await this.tryEach(shorterFaults)) || isShorter;
    }
    return { plan: this.plan, violation: this.violation, runs: this.runs };
  }

  private async tryTime(): Promise<boolean> {
    const ended = endedAt(this.plan, this.violation.atMs);
    return ended.safetyMs < this.plan.safetyMs && this.try(ended);
  }

  private async tryLists(): Promise<boolean> {
    const faults = await this.tryParts(this.plan.faults, (kept) => ({ ...this.plan, faults: kept }));
    const requests = await this.tryParts(this.plan.requests, (kept) => ({ ...this.plan, requests: kept }));
    const changes = await this.tryParts(this.plan.changes ?? [], (kept) => ({ ...this.plan, changes: kept }));
    return faults || requests || changes;
  }

  /** Leaves out ever smaller parts of a list. Source: delta debugging, Zeller and Hildebrandt (2002). */
  private async tryParts<Item>(all: readonly Item[], planOf: (kept: readonly Item[]) => P): Promise<boolean> {
    let items = all;
    for (let size = items.length; size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < items.length;) {
        const kept = [...items.slice(0, from), ...items.slice(from + size)];
        if (await this.try(planOf(kept))) items = kept;
        else from += size;
      }
    }
    return items.length < all.length;
  }

  /** Tries what `smaller` gives; after each success what it gives for the plan that is left. */
  private async tryEach(smaller: (plan: P) => readonly P[]): Promise<boolean> {
    let isShorter = false;
    for (let at = 0, plans = smaller(this.plan); at < plans.length; at += 1) {
      const plan = plans[at];
      if (plan === undefined || !(await this.try(plan))) continue;
      isShorter = true;
      plans = smaller(this.plan);
      at = -1;
    }
    return isShorter;
  }

  /** Takes `plan` if the same name is violated. */
  private async try(plan: P): Promise<boolean> {
    if (this.runs >= this.options.runsMax || plan.hosts.length === 0) return false;
    this.runs += 1;
    const { violation } = await this.options.run(plan);
    if (violation?.name !== this.violation.name) return false;
    this.plan = plan;
    this.violation = violation;
    return true;
  }
}
