/** `npm run simulate -- …`: the whole stack in simulated worlds, one seed a run, and whether it kept what it promises. */

import { parseArgs } from 'node:util';
import { keepPlan, readPlan } from './simulate/fixed-plan.ts';
import { makeStackPlan, type StackPlan } from './simulate/plan.ts';
import { shorten } from './simulate/shorten.ts';
import { runPlan } from './simulate/stack-run.ts';
import { summaryOf, Totals, type RunSummary } from './simulate/summary.ts';
import { runInWorkers } from './simulate/workers.ts';

const USAGE = `npm run simulate -- [--seeds N | --minutes M] [--from SEED | --of-the-day] [--jobs N]
                    [--seed SEED | --plan FILE] [--no-shorten]

  --seeds N      how many seeds to run: 200
  --minutes M    as many as begin in this time
  --from SEED    the first of them, 0 to 2^53-1; by the clock unless given
  --of-the-day   the first follows from the date
  --jobs N       how many at a time, each in a thread: 1
  --seed SEED    runs this one, and tells how it went
  --plan FILE    runs the plan in this file
  --no-shorten   leaves a plan that fails as it is`;

const DIRECTORY = 'reports/simulate';
/** More threads than cores make nothing faster. */
const JOBS_MAX = 64;
const PROGRESS_MS = 10_000;
const SHORTEN_RUNS_MAX = 300;
/** One cause may break many seeds; shortening takes minutes. */
const SHORTENED_MAX = 3;
const TRACE_LINES = 40;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    from: { type: 'string' },
    'of-the-day': { type: 'boolean', default: false },
    jobs: { type: 'string', default: '1' },
    seed: { type: 'string' },
    plan: { type: 'string' },
    'no-shorten': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else if (values.plan !== undefined) process.exitCode = await runOne((await readPlan(values.plan)).plan);
else if (values.seed !== undefined)
  process.exitCode = await runOne(makeStackPlan(integer('seed', values.seed, 0)));
else process.exitCode = await walk();

async function runOne(plan: StackPlan): Promise<number> {
  const startMs = performance.now();
  const summary = summaryOf(await runPlan(plan));
  const totals = new Totals();
  totals.add(summary);
  console.log(`trace ${summary.digest}\n${totals.line(performance.now() - startMs)}`);
  if (summary.violation !== null) await tell(summary, plan);
  return conclude(totals);
}

async function walk(): Promise<number> {
  const startMs = performance.now();
  const from = firstSeed();
  const seeds = values.minutes === undefined ? integer('seeds', values.seeds ?? '200') : Infinity;
  const endMs =
    values.minutes === undefined ? Infinity : startMs + 60_000 * integer('minutes', values.minutes);
  const totals = new Totals();
  const failed: RunSummary[] = [];
  let begun = 0;
  const next = (): number | null => {
    if (begun >= seeds || performance.now() >= endMs) return null;
    begun += 1;
    return from + begun - 1;
  };
  const onDone = (summary: RunSummary): void => {
    totals.add(summary);
    if (summary.violation === null) return;
    failed.push(summary);
    console.error(`seed ${summary.seed} breaks ${summary.violation.name}: ${again(summary.seed)}`);
  };
  console.log(`seeds from ${from}`);
  const progress = setInterval(() => console.log(totals.line(performance.now() - startMs)), PROGRESS_MS);
  await runInWorkers({ count: integer('jobs', values.jobs, 1, JOBS_MAX), next, onDone });
  clearInterval(progress);
  console.log(totals.line(performance.now() - startMs));
  for (const summary of failed.slice(0, SHORTENED_MAX)) await tell(summary, makeStackPlan(summary.seed));
  return conclude(totals);
}

async function tell({ violation, seed }: RunSummary, plan: StackPlan): Promise<void> {
  if (violation === null) return;
  console.error(`\nseed ${seed} breaks ${violation.name} at ${violation.atMs} ms: ${again(seed)}`);
  console.error(violation.why);
  console.error(violation.trace.slice(-TRACE_LINES).join('\n'));
  const shortest = values['no-shorten']
    ? plan
    : await shorten(plan, {
        run: async (tried) => (await runPlan(tried)).violation,
        runsMax: SHORTEN_RUNS_MAX,
      });
  const path = await keepPlan(DIRECTORY, { found: violation.name, plan: shortest });
  const { cluster, clients, faults } = shortest;
  const faultCount = cluster.faults.length + faults.length;
  console.error(
    `${cluster.hosts.length} nodes, ${clients.length} clients, ${faultCount} faults do it too: ${path}, which ` +
      `runs with npm run simulate -- --plan ${path}, and belongs into apps/verify/test/fixed/ once it is understood`,
  );
}

function conclude({ passed, failed }: Totals): number {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

function again(seed: number): string {
  return `npm run simulate -- --seed ${seed}`;
}

function firstSeed(): number {
  if (values.from !== undefined) return integer('from', values.from, 0);
  const now = new Date();
  const day = (now.getUTCFullYear() * 100 + now.getUTCMonth() + 1) * 100 + now.getUTCDate();
  // Room for a million seeds a day.
  return values['of-the-day'] ? day * 1_000_000 : now.getTime();
}

function integer(name: string, text: string, min = 1, max: number = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  return wrongUse(`--${name} is an integer from ${min} to ${max}, not '${text}'`);
}

function wrongUse(what: string): never {
  console.error(`${what}\n\n${USAGE}`);
  process.exit(2);
}
