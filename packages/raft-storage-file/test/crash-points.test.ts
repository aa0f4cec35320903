import { describe, expect, it } from 'vitest';
import { checkCrashPoint, operationsOf } from './crash-points.ts';

const SEEDS = [1, 2];
const UNSYNCED = ['lost', 'kept', 'torn', 'reordered'] as const;

describe.each(SEEDS)('R29, R31, R33: a workload of seed %i', (seed) => {
  it('takes some hundreds of operations', async () => {
    expect(await operationsOf(seed)).toBeGreaterThan(200);
  });

  // Each operation in one of the ways; `npm run crash-points` runs each in all of them.
  it.each(UNSYNCED)(
    'is recovered after every fourth of them, with what was not synced %s',
    async (unsynced) => {
      const operations = await operationsOf(seed);
      const failures: unknown[] = [];
      const first = (UNSYNCED.indexOf(unsynced) + seed) % UNSYNCED.length;
      for (let cutAfter = first; cutAfter <= operations; cutAfter += UNSYNCED.length) {
        // Every so often the recovery is cut too, each time elsewhere.
        const cutRecoveryAfter = cutAfter % 3 === 0 ? null : (cutAfter * 7) % 40;
        const point = { seed, cutAfter, unsynced, isKilledFirst: cutAfter % 2 === 0, cutRecoveryAfter };
        await checkCrashPoint(point).catch((error: unknown) => failures.push({ point, error }));
      }
      expect(failures).toEqual([]);
    },
  );
});
