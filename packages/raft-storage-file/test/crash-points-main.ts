/**
 * `npm run crash-points -- [--seeds N] [--from SEED] [--sample N] [--first]`: ends a workload after every operation, in
 * every way, and cuts the recovery too, after every operation of its own; `--sample` runs one in N of them.
 */

import { parseArgs } from 'node:util';
import { checkCrashPoint, operationsOf, type CrashPoint } from './crash-points.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    sample: { type: 'string', default: '1' },
    first: { type: 'boolean', default: false },
  },
});
const [seeds, from, sample] = [values.seeds, values.from, values.sample].map(natural);
if (seeds === undefined || from === undefined || sample === undefined || sample === 0) {
  console.error('--seeds, --from and --sample take integers from 0, --sample from 1');
  process.exit(2);
}

/** More than a recovery takes: then nothing of it is cut. */
const RECOVERY_OPERATIONS_MAX = 24;
const UNSYNCED = ['lost', 'kept', 'torn', 'reordered'] as const;

let passed = 0;
let failed = 0;
for (let seed = from; seed < from + seeds; seed += 1) await runSeed(seed);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function runSeed(seed: number): Promise<void> {
  const operations = await operationsOf(seed);
  let nth = seed;
  for (let cutAfter = 0; cutAfter <= operations; cutAfter += 1) {
    for (const unsynced of UNSYNCED) {
      for (const isKilledFirst of [false, true]) {
        for (let cut = 0; cut <= RECOVERY_OPERATIONS_MAX; cut += 1) {
          nth += 1;
          if (nth % (sample ?? 1) !== 0) continue;
          const cutRecoveryAfter = cut === RECOVERY_OPERATIONS_MAX ? null : cut;
          await runPoint({ seed, cutAfter, unsynced, isKilledFirst, cutRecoveryAfter });
        }
      }
    }
  }
}

async function runPoint(point: CrashPoint): Promise<void> {
  if (failed > 0 && values.first) return;
  try {
    await checkCrashPoint(point);
    passed += 1;
  } catch (error) {
    failed += 1;
    console.error(`${JSON.stringify(point)}: ${String(error)}`);
  }
}

function natural(text: string): number | undefined {
  const value = Number(text);
  return text === '' || !Number.isSafeInteger(value) || value < 0 ? undefined : value;
}
