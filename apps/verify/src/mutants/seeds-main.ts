/**
 * `node seeds-main.js LEVEL FROM COUNT`: random seeds, with or without a mutant in what they run, until an invariant is
 * violated. Writes a verdict a line.
 */

import { runSeed } from '@raftkv/simulation';
import { makeStackPlan } from '../simulate/plan.ts';
import { runPlan } from '../simulate/stack-run.ts';
import { verdictOf, type Verdict } from './verdict.ts';

const [level, from, count] = process.argv.slice(2);

for (let seed = Number(from); seed < Number(from) + Number(count); seed += 1) {
  const verdict = await judge(seed);
  console.log(JSON.stringify(verdict));
  if (verdict.invariant !== null) break;
}

async function judge(seed: number): Promise<Verdict> {
  try {
    const { violation } = level === 'stack' ? await runPlan(makeStackPlan(seed)) : await runSeed(seed);
    return verdictOf(seed, violation);
  } catch (error) {
    // Outside of every event, where no check has seen it.
    return { seed, invariant: null, unnamed: String(error) };
  }
}
