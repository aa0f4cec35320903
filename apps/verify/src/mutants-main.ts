/** `npm run mutants -- …`: small bugs, each of which random seeds have to catch by the name of an invariant. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { hunt, type Caught, type HuntOptions } from './mutants/hunt.ts';
import { MUTANTS } from './mutants/list.ts';
import { compileMutant } from './mutants/mutated-module.ts';
import type { Level, Mutant } from './mutants/mutant.ts';
import { closingLines, findingLine, markdownTable, type Finding } from './mutants/report.ts';
import type { Verdict } from './mutants/verdict.ts';

const USAGE = `npm run mutants -- [--only TEXT] [--seeds N] [--from SEED] [--jobs 1|2] [--control N] [--markdown]

  --only TEXT   only those whose package and name have it
  --seeds N     of each, at most: 1000
  --from SEED   the first one: 1
  --jobs 1|2    how many are hunted at once: 1
  --control N   so many of the same seeds must pass where nothing is broken, first: 20
  --markdown    writes the table of docs/verification.md at the end`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    control: { type: 'string', default: '20' },
    markdown: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const seeds = integer('seeds', values.seeds);
const from = integer('from', values.from);
const control = Math.min(seeds, integer('control', values.control));
const chosen = MUTANTS.filter((mutant) => `${mutant.package}: ${mutant.name}`.includes(values.only));

if (values.help) console.log(USAGE);
else process.exitCode = await huntAll();

async function huntAll(): Promise<number> {
  // A seed that fails with nothing broken would catch every mutant.
  for (const level of ['cluster', 'stack'] as const) {
    if (!(await isClean(level))) return 1;
  }
  const findings: Finding[] = Array.from({ length: chosen.length });
  const left = [...chosen.entries()];
  const hunter = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [at, mutant] = next;
      const finding = await huntMutant(mutant);
      findings[at] = finding;
      say(findingLine(finding, seeds));
    }
  };
  await Promise.all(Array.from({ length: integer('jobs', values.jobs) }, hunter));
  if (values.markdown) console.log(markdownTable(findings));
  console.log(closingLines(findings));
  // A filter that fits nothing would otherwise pass for a green run.
  return findings.length > 0 && findings.every(({ caught }) => caught !== null) ? 0 : 1;
}

async function isClean(level: Level): Promise<boolean> {
  if (!chosen.some((mutant) => mutant.level === level)) return true;
  const unnamed: Verdict[] = [];
  const onSeed = progress(`nothing broken, ${level}`, unnamed);
  const caught = await hunt({ level, mutated: null, from, seeds: control, onSeed });
  if (caught === null && unnamed.length === 0) {
    say(`clean     nothing is broken: ${control} seeds of ${level}`);
    return true;
  }
  const what = caught === null ? unnamed[0]?.unnamed : `seed ${caught.seed} violates ${caught.invariant}`;
  say(`BROKEN    though nothing is changed: ${level}: ${what}`);
  return false;
}

async function huntMutant(mutant: Mutant): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'raftkv-mutant-'));
  const unnamed: Verdict[] = [];
  try {
    const mutated = await compileMutant(mutant, folder);
    const onSeed = progress(mutant.name, unnamed);
    const { level } = mutant;
    const caught: Caught | null = await hunt({ level, mutated, from, seeds, onSeed });
    if (caught !== null) await checkInnocent(level, caught.seed);
    return { mutant, caught, unnamed };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws {Error} if the seed that caught a mutant fails with nothing broken: then it has caught something else. */
async function checkInnocent(level: Level, seed: number): Promise<void> {
  const caught = await hunt({ level, mutated: null, from: seed, seeds: 1, onSeed: () => {} });
  if (caught !== null)
    throw new Error(`seed ${seed} of ${level} violates ${caught.invariant} with nothing broken`);
}

/** One line that moves, where someone looks on. */
function progress(name: string, unnamed: Verdict[]): HuntOptions['onSeed'] {
  return (verdict) => {
    if (verdict.unnamed !== null) unnamed.push(verdict);
    if (process.stdout.isTTY) process.stdout.write(`\r\u001B[K${name}: seed ${verdict.seed}`);
  };
}

function say(line: string): void {
  console.log(process.stdout.isTTY ? `\r\u001B[K${line}` : line);
}

/** @throws {RangeError} if it is no whole number. */
function integer(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new RangeError(`--${name} is a number, not ${text}`);
  return number;
}
