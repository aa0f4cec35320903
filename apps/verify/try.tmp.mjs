import { makeStackPlan } from './dist/simulate/plan.js';
import { runPlan } from './dist/simulate/stack-run.js';
const [from, count] = process.argv.slice(2).map(Number);
for (let s = from; s < from + count; s++) {
  const t = performance.now();
  const plan = makeStackPlan(s);
  const r = await runPlan(plan);
  console.log(
    s,
    plan.cluster.hosts.length,
    (performance.now() - t).toFixed(0),
    'ms',
    r.events,
    'ev',
    r.simulatedMs.toFixed(0),
    'ops',
    r.operations,
    r.unknown,
    'commit',
    r.committed,
    r.digest,
    JSON.stringify([...r.faults]),
  );
  if (r.violation) {
    console.log(r.violation.name, r.violation.why, r.violation.atMs);
    console.log(r.violation.trace.slice(-Number(process.env.N ?? 8)).join('\n'));
  }
}
