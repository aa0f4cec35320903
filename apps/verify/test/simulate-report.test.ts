/** What is told of many runs, and how a plan is kept. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepPlan, readPlan } from '../src/simulate/fixed-plan.ts';
import { makeStackPlan } from '../src/simulate/plan.ts';
import type { RunSummary } from '../src/simulate/summary.ts';
import { Totals } from '../src/simulate/summary.ts';
import { afterwards } from './support/processes.ts';

const SUMMARY: RunSummary = {
  seed: 1,
  digest: '',
  events: 1000,
  simulatedMs: 1_800_000,
  faults: [
    ['crash', 2],
    ['cut', 1],
  ],
  operations: 10,
  unknown: 1,
  committed: 5,
  violation: null,
};

it('adds up what runs came to', () => {
  const totals = new Totals();
  totals.add(SUMMARY);
  totals.add({
    ...SUMMARY,
    faults: [['crash', 1]],
    violation: { name: 'live', why: '', atMs: 1, trace: [] },
  });
  expect([totals.passed, totals.failed, totals.seeds]).toEqual([1, 1, 2]);
  expect(totals.line(4000)).toBe(
    '2 seeds (0.5 a second), 1.0 simulated hours, 2000 events, 20 operations (2 of unknown outcome), ' +
      'faults: 3 crash, 1 cut',
  );
});

it('keeps a plan in a file that says what it broke, and reads no other', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'raftkv-plan-'));
  afterwards(() => rm(directory, { recursive: true, force: true }));
  const plan = makeStackPlan(5);
  const path = await keepPlan(join(directory, 'below'), { found: 'live', plan });
  expect(path).toBe(join(directory, 'below', 'live-5.json'));
  expect(await readPlan(path)).toEqual({ found: 'live', plan });
  const other = join(directory, 'other.json');
  await writeFile(other, '[]');
  await expect(readPlan(other)).rejects.toThrow(TypeError);
});

it('plans the same for the same seed, and never the loss of a quorum', () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const plan = makeStackPlan(seed);
    expect(makeStackPlan(seed)).toEqual(plan);
    const { hosts, lost } = plan.cluster;
    expect(lost.length * 2).toBeLessThan(hosts.length);
    const gone = lost.map(({ id }) => id);
    const damaged = plan.faults.flatMap((fault) => (fault.kind === 'damage' ? [fault.target] : []));
    expect(gone).toEqual(expect.arrayContaining(damaged));
    expect(new Set(gone).size).toBe(gone.length);
  }
});
