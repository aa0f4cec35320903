/** What many runs came to, together. */

import type { Violation } from '@raftkv/simulation';
import type { StackResult } from './result.ts';

/** Of one run, as it goes from a worker to whoever counts. */
export interface RunSummary extends Omit<StackResult, 'faults' | 'violation'> {
  readonly faults: readonly (readonly [string, number])[];
  readonly violation: Violation | null;
}

export function summaryOf(result: StackResult): RunSummary {
  return { ...result, faults: [...result.faults] };
}

export class Totals {
  passed = 0;
  failed = 0;
  private events = 0;
  private operations = 0;
  private unknown = 0;
  private simulatedMs = 0;
  private readonly faults = new Map<string, number>();

  add(summary: RunSummary): void {
    if (summary.violation === null) this.passed += 1;
    else this.failed += 1;
    this.events += summary.events;
    this.operations += summary.operations;
    this.unknown += summary.unknown;
    this.simulatedMs += summary.simulatedMs;
    for (const [kind, count] of summary.faults) this.faults.set(kind, (this.faults.get(kind) ?? 0) + count);
  }

  get seeds(): number {
    return this.passed + this.failed;
  }

  /** After `elapsedMs`. */
  line(elapsedMs: number): string {
    const kinds = [...this.faults].toSorted(([one], [other]) => (one < other ? -1 : 1));
    const faults = kinds.map(([kind, count]) => `${count} ${kind}`).join(', ');
    const rate = (this.seeds / Math.max(elapsedMs / 1000, 0.001)).toFixed(1);
    const hours = (this.simulatedMs / 3_600_000).toFixed(1);
    return (
      `${this.seeds} seeds (${rate} a second), ${hours} simulated hours, ${this.events} events, ` +
      `${this.operations} operations (${this.unknown} of unknown outcome), faults: ${faults}`
    );
  }
}
