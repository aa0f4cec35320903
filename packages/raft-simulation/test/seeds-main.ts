/** `seeds-main [--from SEED] [--seeds N] [--seed SEED] [--plan FILE] [--shrink]`: many seeds, or one with its trace. */

import { runSeed } from '../src/index.ts';

const [from = '0', count = '100'] = process.argv.slice(2);
const startedMs = performance.now();
let [failed, events, simulatedMs] = [0, 0, 0];
const faults: Record<string, number> = {};
const requests: Record<string, number> = {};
for (let seed = Number(from); seed < Number(from) + Number(count); seed += 1) {
  const result = await runSeed(seed);
  events += result.events;
  simulatedMs += result.simulatedMs;
  for (const [kind, times] of Object.entries(result.faults)) faults[kind] = (faults[kind] ?? 0) + times;
  for (const [kind, times] of Object.entries(result.requests)) requests[kind] = (requests[kind] ?? 0) + times;
  if (count === '1') console.log(result.digest);
  const { violation } = result;
  if (violation === null) continue;
  failed += 1;
  console.log(`seed ${seed} at ${violation.atMs}: ${violation.name}: ${violation.why}`);
  if (count === '1') console.log(violation.trace.join('\n'));
}
const seconds = (performance.now() - startedMs) / 1000;
console.log(
  JSON.stringify({
    failed,
    events,
    simulatedMs,
    faults,
    requests,
    seconds,
    perMinute: (Number(count) / seconds) * 60,
  }),
);
