/** Plans in files: what a failing seed was shortened to, to be run again by hand, and by the tests from then on. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StackPlan } from './plan.ts';

export interface FixedPlan {
  /** What it broke when it was found. */
  readonly found: string;
  readonly plan: StackPlan;
}

/** Gives the name of the file. */
export async function keepPlan(directory: string, fixed: FixedPlan): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${fixed.found}-${fixed.plan.cluster.seed}.json`);
  await writeFile(path, `${JSON.stringify(fixed, null, 2)}\n`);
  return path;
}

/** @throws {TypeError} if the file holds something else. */
export async function readPlan(path: string): Promise<FixedPlan> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  if (!isFixedPlan(value)) throw new TypeError(`${path} holds no plan`);
  return value;
}

/** Whoever writes one by hand has to see to the rest. */
function isFixedPlan(value: unknown): value is FixedPlan {
  return typeof value === 'object' && value !== null && 'found' in value && 'plan' in value;
}
