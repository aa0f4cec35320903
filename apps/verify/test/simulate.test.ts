/** Whole runs of the stack in a simulated world: fixed seeds, plans that failed once, and what a failure is made into. */

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { KeyValueMachine } from '@raftkv/kv-state-machine';
import { readPlan } from '../src/simulate/fixed-plan.ts';
import { makeStackPlan } from '../src/simulate/plan.ts';
import { shorten } from '../src/simulate/shorten.ts';
import { runPlan } from '../src/simulate/stack-run.ts';
import { summaryOf, Totals } from '../src/simulate/summary.ts';

const FIXED = fileURLToPath(new URL('fixed', import.meta.url));
const SEEDS = Array.from({ length: 24 }, (_, at) => 5120 + at);
/** Of the first seeds. They change with whatever is decided or said otherwise in a run, in the code that runs too. */
const DIGESTS = ['2055877e67046a48', 'e4272b49975355cf', '7454558ecbc52604'];

describe('the simulated stack', () => {
  it('keeps every promise on fixed seeds, whatever befalls it', async () => {
    const totals = new Totals();
    const kinds = new Set<string>();
    for (const seed of SEEDS) {
      const result = await runPlan(makeStackPlan(seed));
      expect([seed, result.violation]).toEqual([seed, null]);
      totals.add(summaryOf(result));
      for (const kind of result.faults.keys()) kinds.add(kind);
    }
    expect(totals.line(1)).toContain(`${SEEDS.length} seeds`);
    const ofTheCluster = ['crash', 'cut', 'clog', 'pause', 'wipe', 'stall', 'sync-failure', 'jump'];
    const ofTheStack = ['client-cut', 'client-stall', 'client-refusal', 'slow-disk', 'full-disk', 'damage'];
    const ofMembers = ['change-add', 'change-promote', 'change-remove', 'change-demote', 'change-replace'];
    const ofReads = ['follower-read', 'bounded-read'];
    expect(kinds).toContain('changed');
    for (const kind of [...ofTheCluster, ...ofTheStack, ...ofMembers, ...ofReads])
      expect([...kinds]).toContain(kind);
  });

  it('does the same again for the same seed', async () => {
    const [one, other] = [await runPlan(makeStackPlan(4002)), await runPlan(makeStackPlan(4002))];
    expect(other).toEqual(one);
    expect((await runPlan(makeStackPlan(4003))).digest).not.toBe(one.digest);
  });

  it('does the same on every version of Node', async () => {
    const digests: string[] = [];
    for (const seed of SEEDS.slice(0, DIGESTS.length))
      digests.push((await runPlan(makeStackPlan(seed))).digest);
    expect(digests).toEqual(DIGESTS);
  });

  it('takes any seed that a number can name', async () => {
    expect((await runPlan(makeStackPlan(Number.MAX_SAFE_INTEGER))).violation).toBeNull();
    expect(() => makeStackPlan(2 ** 53)).toThrow(RangeError);
  });

  it('names the promise that a broken machine breaks, and makes the plan shorter', async () => {
    const { get } = Object.getOwnPropertyDescriptors(KeyValueMachine.prototype);
    onTestFinished(() => {
      Object.defineProperty(KeyValueMachine.prototype, 'get', get);
    });
    KeyValueMachine.prototype.get = function forgetful(key) {
      return this.revision % 3 === 0 ? null : (get.value?.call(this, key) ?? null);
    };
    const plan = makeStackPlan(4004);
    const { violation } = await runPlan(plan);
    expect(violation?.name).toBe('linearizable');
    const shortest = await shorten(plan, {
      run: async (tried) => (await runPlan(tried)).violation,
      runsMax: 60,
    });
    expect((await runPlan(shortest)).violation?.name).toBe('linearizable');
    expect(shortest.cluster.faults.length + shortest.faults.length).toBeLessThan(
      (plan.cluster.faults.length + plan.faults.length) / 4,
    );
  });
});

describe('plans that failed once', () => {
  it('break nothing any more', async () => {
    const names = (await readdir(FIXED)).filter((name) => name.endsWith('.json'));
    expect(names).not.toEqual([]);
    for (const name of names) {
      const { plan } = await readPlan(`${FIXED}/${name}`);
      expect([name, (await runPlan(plan)).violation]).toEqual([name, null]);
    }
  });
});
