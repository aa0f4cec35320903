/**
 * `seeds-main [--seeds N] [--from SEED] [--seed SEED [--trace] [--shrink]] [--plan FILE]`: many seeds, or one with its trace,
 * or shortened to the shortest plan that fails in the same way.
 */

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { makePlan, replay, shrink, type Plan, type RunResult } from '../src/index.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '0' },
    seed: { type: 'string' },
    plan: { type: 'string' },
    trace: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
  },
});

const one = planAsked();
process.exitCode = (await (one === null ? runMany() : runOne(one))) ? 0 : 1;

function planAsked(): Plan | null {
  if (values.plan !== undefined) return JSON.parse(readFileSync(values.plan, 'utf8')) as Plan;
  return values.seed === undefined ? null : makePlan(Number(values.seed));
}

async function runOne(plan: Plan): Promise<boolean> {
  const result = await replay(plan, values.trace ? { traceLinesMax: 1_000_000 } : {});
  console.log(result.violation?.trace.join('\n') ?? 'everything held');
  tell(result);
  if (values.shrink) console.log(JSON.stringify((await shrink(plan))?.plan, null, 1));
  console.log(JSON.stringify({ ...result, violation: null }));
  return result.violation === null;
}

async function runMany(): Promise<boolean> {
  const [from, count] = [Number(values.from), Number(values.seeds)];
  const startedMs = performance.now();
  const sums = { failed: 0, unjudged: 0, events: 0, simulatedMs: 0 };
  const [faults, requests] = [new Map<string, number>(), new Map<string, number>()];
  const snapshots = new Map<string, number>();
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await replay(makePlan(seed));
    tell(result);
    sums.failed += result.violation === null ? 0 : 1;
    sums.unjudged += result.isLivenessJudged ? 0 : 1;
    sums.events += result.events;
    sums.simulatedMs += Math.round(result.simulatedMs);
    add(faults, result.faults);
    add(requests, result.requests);
    add(snapshots, result.snapshots);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(sums, Object.fromEntries(faults), Object.fromEntries(requests), Object.fromEntries(snapshots));
  console.log(
    `${count} seeds from ${from}, ${sums.failed} failed, ${Math.round((count / seconds) * 60)} a minute`,
  );
  return sums.failed === 0;
}

function tell({ seed, violation }: RunResult): void {
  if (violation === null) return;
  console.log(`seed ${seed} at ${violation.atMs} ms: ${violation.name}: ${violation.why}`);
}

function add(sums: Map<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + count);
}
