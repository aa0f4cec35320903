/** `npm run cluster -- [--seeds N] [--from SEED] [--seed SEED] [--first]`: random clusters; `--first` stops at a failure. */

import { parseArgs } from 'node:util';
import { Cluster } from './cluster.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string' },
    seed: { type: 'string' },
    first: { type: 'boolean' },
  },
});
const first = natural(values.seed ?? values.from ?? '0', 'seed');
const count = values.seed === undefined ? natural(values.seeds ?? '500', 'seeds') : 1;

let passed = 0;
let failed = 0;
let digest = 0;
for (let seed = first; seed < first + count; seed += 1) {
  try {
    digest = Math.imul(digest, 31) ^ Number.parseInt(new Cluster(seed).run(), 16);
    passed += 1;
  } catch (error) {
    failed += 1;
    console.error(`seed ${seed}: ${String(values.seed === undefined ? error : (error as Error).stack)}`);
    console.error(`  again: npm run cluster -- --seed ${seed}`);
    if (values.first) break;
  }
}
console.log(`digest ${(digest >>> 0).toString(16).padStart(8, '0')}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function natural(text: string, name: string): number {
  const value = Number(text);
  if (text === '' || !Number.isSafeInteger(value) || value < 0) {
    console.error(`--${name} must be an integer from 0 to 2^53 - 1, not '${text}'`);
    process.exit(2);
  }
  return value;
}
