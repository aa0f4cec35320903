/** Threads that run seeds, each one at a time. A thread that a seed ends, or holds up for ever, is replaced. */

import { Worker } from 'node:worker_threads';
import type { RunSummary } from './summary.ts';

export interface WorkersOptions {
  readonly count: number;
  /** The seed to run next; null where it is enough. */
  readonly next: () => number | null;
  readonly onDone: (summary: RunSummary) => void;
}

/** Far beyond what any seed takes. */
const STUCK_MS = 120_000;

/** Resolves when all that was begun has ended, and `next` gives nothing more. */
export async function runInWorkers({ count, next, onDone }: WorkersOptions): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const thread = new Thread();
      for (let seed = next(); seed !== null; seed = next()) onDone(await thread.run(seed));
      await thread.end();
    }),
  );
}

class Thread {
  private worker: Worker | null = null;

  async run(seed: number): Promise<RunSummary> {
    const worker = (this.worker ??= new Worker(new URL('worker-main.js', import.meta.url)));
    const summary = await outcomeOf(worker, seed);
    if ('digest' in summary) return summary;
    this.worker = null;
    await worker.terminate();
    return failedSummary(seed, summary);
  }

  async end(): Promise<void> {
    await this.worker?.terminate();
  }
}

function outcomeOf(worker: Worker, seed: number): Promise<RunSummary | Error> {
  return new Promise((resolve) => {
    const settle = (outcome: RunSummary | Error): void => {
      clearTimeout(timer);
      worker.off('message', settle);
      worker.off('error', onError);
      resolve(outcome);
    };
    const onError = (error: unknown): void =>
      settle(error instanceof Error ? error : new Error(String(error)));
    const timer = setTimeout(() => settle(new Error(`no end after ${STUCK_MS} ms`)), STUCK_MS);
    worker.on('message', settle);
    worker.on('error', onError);
    worker.postMessage(seed, []);
  });
}

/** Nothing else is known of a run that ended its thread. */
function failedSummary(seed: number, error: Error): RunSummary {
  return {
    seed,
    digest: '',
    events: 0,
    simulatedMs: 0,
    faults: [],
    operations: 0,
    unknown: 0,
    committed: 0,
    violation: { name: error.name, why: error.stack ?? error.message, atMs: 0, trace: [] },
  };
}
