/** Runs the seeds that it is told, one after another, in a thread of its own. */

import { parentPort } from 'node:worker_threads';
import { makeStackPlan } from './plan.ts';
import { runPlan } from './stack-run.ts';
import { summaryOf } from './summary.ts';

// Errors are ordinary answers here, by the thousand, and most of what they cost is the stack; `--seed` shows that of a failure.
Error.stackTraceLimit = 0;

parentPort?.on('message', (seed: number) => {
  void run(seed);
});

async function run(seed: number): Promise<void> {
  parentPort?.postMessage(summaryOf(await runPlan(makeStackPlan(seed))), []);
}
