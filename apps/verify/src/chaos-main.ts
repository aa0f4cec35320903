/** `npm run chaos -- …`: real nodes under attack by real clients, and whether the cluster kept what it promises. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { planChanges } from './chaos/changes.ts';
import { planRound } from './chaos/plan.ts';
import { failuresText, planText, progressLine } from './chaos/report.ts';
import { runChaos, type ChaosResult } from './chaos/run.ts';
import { execArgvOf, SABOTAGES, type Sabotage } from './chaos/sabotage.ts';

const USAGE = `npm run chaos -- [--rounds N | --minutes M] [--nodes 3|5] [--clients N] [--seconds S] [--seed N]
                 [--plan] [--sabotage NAME|all]

  --rounds N       how many rounds of attack: 5
  --minutes M      as many rounds as begin in this time
  --nodes 3|5      that each cluster begins with; by turns unless given
  --clients N      how many write and read: 8
  --seconds S      how long faults happen in a round: 12
  --seed N         plans the same faults again; what they meet is never quite the same
  --plan           prints the faults of the first round, and the changes of its members, instead
  --sabotage NAME  breaks the nodes in a known way: ${SABOTAGES.map(({ name }) => name).join(', ')};
                   'all' tries each, and fails if one is not noticed`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    minutes: { type: 'string' },
    nodes: { type: 'string' },
    clients: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '12' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    plan: { type: 'boolean', default: false },
    sabotage: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const rounds = integer('rounds', values.rounds);
const minutes = values.minutes === undefined ? null : integer('minutes', values.minutes);
const nodeCounts = values.nodes === undefined ? [3, 5] : [integer('nodes', values.nodes)];
const clientCount = integer('clients', values.clients);
const roundMs = 1000 * integer('seconds', values.seconds);
const seed = integer('seed', values.seed);
const ROUNDS_PER_CLUSTER = 5;

const interruption = new AbortController();
// A second one ends the process at once, and the nodes with it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());

if (values.help) console.log(USAGE);
else if (values.plan) console.log(planOf(nodeCounts[0] ?? 3));
else if (values.sabotage === 'all') process.exitCode = await tryAll();
else process.exitCode = (await attacked(sabotageOf(values.sabotage))).failures.length === 0 ? 0 : 1;

function planOf(nodeCount: number): string {
  return planText(planRound(seed, 1, nodeCount, roundMs), planChanges(seed, 1, nodeCount));
}

/** Each sabotage has to be noticed, by a promise that it breaks. */
async function tryAll(): Promise<number> {
  let unnoticed = 0;
  for (const sabotage of SABOTAGES) {
    const { failures } = await attacked(sabotage);
    const noticed = failures.find(({ promise }) => sabotage.breaks.includes(promise));
    if (noticed === undefined) unnoticed += 1;
    console.log(`${sabotage.name}: ${noticed === undefined ? 'NOT NOTICED' : `noticed, ${noticed.promise}`}`);
  }
  console.log(`${SABOTAGES.length - unnoticed} passed, ${unnoticed} failed`);
  return unnoticed === 0 ? 0 : 1;
}

async function attacked(sabotage: Sabotage | null): Promise<ChaosResult> {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-chaos-'));
  const endMs = minutes === null ? Infinity : performance.now() + minutes * 60_000;
  console.log(`seed ${seed}, in ${directory}${sabotage === null ? '' : `, sabotaged: ${sabotage.name}`}`);
  const result = await runChaos({
    directory,
    seed,
    nodeCounts,
    clientCount,
    roundMs,
    roundsPerCluster: ROUNDS_PER_CLUSTER,
    execArgv: sabotage === null ? [] : execArgvOf(sabotage),
    signal: interruption.signal,
    isEnough: (done) => (minutes === null ? done >= rounds : performance.now() >= endMs),
    onRound: (progress) => console.log(progressLine(progress)),
  });
  await conclude(result, directory);
  return result;
}

async function conclude({ failures, rounds: done }: ChaosResult, directory: string): Promise<void> {
  if (interruption.signal.aborted) {
    console.log('stopped: of the last round only what clients were told was checked');
  }
  if (failures.length === 0) {
    await rm(directory, { recursive: true, force: true });
    console.log(`${done} passed, 0 failed`);
    return;
  }
  console.error(failuresText(failures));
  const again = `the faults of this round come again with --seed ${seed}`;
  console.error(`histories, deeds, logs and data are kept in ${directory}; ${again}`);
  console.log(`${Math.max(0, done - 1)} passed, 1 failed`);
}

function sabotageOf(name: string | undefined): Sabotage | null {
  if (name === undefined) return null;
  return SABOTAGES.find((sabotage) => sabotage.name === name) ?? wrongUse(`no sabotage '${name}'`);
}

function integer(name: string, text: string): number {
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= 1
    ? value
    : wrongUse(`--${name} is an integer of at least 1, not '${text}'`);
}

function wrongUse(what: string): never {
  console.error(`${what}\n\n${USAGE}`);
  process.exit(2);
}
