/** The two ways to begin a run. */

import { makePlan, type PlanOptions } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { ClusterRun } from './cluster-run.ts';
import type { RunResult } from './result.ts';

/** Runs what `seed` says. The same seed gives the same result, on every engine. */
export function runSeed(seed: number, options: PlanOptions = {}): Promise<RunResult> {
  return replay(makePlan(seed, options));
}

/** Runs `plan`. */
export function replay(plan: Plan): Promise<RunResult> {
  return new ClusterRun(plan).run();
}
