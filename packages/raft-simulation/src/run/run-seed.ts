/** The two ways to begin a run. */

import { makePlan, type PlanOptions } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { ClusterRun, type RunOptions } from './cluster-run.ts';
import type { RunResult } from './result.ts';

/** Runs what `seed` says. The same seed gives the same result, on every engine. */
export function runSeed(seed: number, options: PlanOptions & RunOptions = {}): Promise<RunResult> {
  return replay(makePlan(seed, options), options);
}

/** Runs `plan`. */
export function replay(plan: Plan, options: RunOptions = {}): Promise<RunResult> {
  return new ClusterRun(plan, options).run();
}
