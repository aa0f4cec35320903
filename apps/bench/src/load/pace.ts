/** When the nth operation of a load may begin. */

import { setTimeout } from 'node:timers/promises';

export class Pace {
  private readonly everyMs: number | null;
  private readonly startMs = performance.now();

  /** @param rate operations a second; `null` for as many as there can be. */
  constructor(rate: number | null) {
    this.everyMs = rate === null ? null : 1000 / rate;
  }

  /** Resolves when it is due, with when that was; `null` where there is no rate. */
  async turn(nth: number): Promise<number | null> {
    if (this.everyMs === null) return null;
    const dueMs = this.startMs + nth * this.everyMs;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await setTimeout(waitMs);
    return dueMs;
  }
}
