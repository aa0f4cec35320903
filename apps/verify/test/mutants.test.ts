/** What is to be broken is there to be broken, and some of it is hunted as `npm run mutants` hunts all. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hunt } from '../src/mutants/hunt.ts';
import { MUTANTS } from '../src/mutants/list.ts';
import { compileMutant } from '../src/mutants/mutated-module.ts';
import { mutatedSource, type Mutant } from '../src/mutants/mutant.ts';

const PACKAGES = join(import.meta.dirname, '../../../packages');
/** A few seconds, unless the machine has other things to do. */
const HUNT_MS = 120_000;

/** Headings of the edge cases that the code covers so far, by their numbers. */
const HEADINGS = {
  'elections and terms': [1, 9],
  replication: [10, 19],
  reads: [20, 23],
  'snapshots and restart': [30, 34],
  'transfer and clients': [35, 36],
} as const;

describe('a mutant', () => {
  it.each(MUTANTS.map((mutant) => [`${mutant.package}: ${mutant.name}`, mutant] as const))(
    'stands exactly once in the code: %s',
    async (_, mutant) => {
      const source = await readFile(join(PACKAGES, mutant.package, 'src', mutant.file), 'utf8');
      expect(mutatedSource(mutant, source)).not.toBe(source);
    },
  );

  it('is refused where its text is not there, or more than once', () => {
    const [mutant] = MUTANTS;
    expect(() => mutatedSource(mutant!, '')).toThrow('exactly once');
    expect(() => mutatedSource(mutant!, mutant!.find.repeat(2))).toThrow('exactly once');
  });

  it('has a name of its own', () => {
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });
});

describe('the list', () => {
  it.each(Object.entries(HEADINGS))('has at least two of %s', (_, [first, last]) => {
    const some = MUTANTS.filter(({ edgeCases }) => edgeCases.some((one) => one >= first && one <= last));
    expect(some.length).toBeGreaterThanOrEqual(2);
  });

  it('has at least thirty', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(30);
  });
});

describe('a hunt', () => {
  it.each([
    ['a vote leaves before it is on disk (R2)', 'one-vote-per-term'],
    ['writes of sessions are applied as often as they come (R35)', 'linearizable'],
  ])(
    'ends with the invariant that a random seed finds violated: %s',
    async (name, invariant) => {
      const mutant = MUTANTS.find((one) => one.name === name)!;
      expect((await hunted(mutant, 10)).invariant).toBe(invariant);
    },
    HUNT_MS,
  );

  it(
    'catches nothing where nothing is wrong',
    async () => {
      const [mutant] = MUTANTS;
      const unbroken = { ...mutant!, replace: mutant!.find };
      expect((await hunted(unbroken, 2)).invariant).toBe(null);
    },
    HUNT_MS,
  );

  it(
    'does not count an error without a name',
    async () => {
      const crash: Mutant = {
        ...MUTANTS.find(({ file }) => file === 'node/applier.ts')!,
        find: 'return { index, term, data };',
        replace: "throw new TypeError('no invariant');",
      };
      const { invariant, unnamed } = await hunted(crash, 1);
      expect([invariant, unnamed]).toEqual([null, ['TypeError: TypeError: no invariant']]);
    },
    HUNT_MS,
  );
});

async function hunted(
  mutant: Mutant,
  seeds: number,
): Promise<{ invariant: string | null; unnamed: readonly (string | null)[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'raftkv-mutant-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const mutated = await compileMutant(mutant, folder);
  const unnamed: (string | null)[] = [];
  const onSeed = (verdict: { readonly unnamed: string | null }): void => {
    if (verdict.unnamed !== null) unnamed.push(verdict.unnamed);
  };
  const caught = await hunt({ level: mutant.level, mutated, from: 1, seeds, onSeed });
  return { invariant: caught?.invariant ?? null, unnamed };
}
