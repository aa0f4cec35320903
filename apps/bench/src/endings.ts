/** What was begun and has to end with the program, also when it is interrupted: processes, and what holds their data. */

import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type End = () => Promise<void>;

/** Nothing may begin any more. */
class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

export class Endings {
  private readonly owed = new Set<End>();
  private isOver = false;

  /**
   * Sees to it that `end` is run once: by whoever calls what is returned, else by `all`. Call it before that begins
   * which `end` ends, in the same turn.
   *
   * @throws {InterruptedError} once all is ended.
   */
  owe(end: End): End {
    this.throwIfOver();
    let ended: Promise<void> | null = null;
    const once: End = () => {
      ended ??= end().finally(() => this.owed.delete(once));
      return ended;
    };
    this.owed.add(once);
    return once;
  }

  /** @throws {InterruptedError} once all is ended. */
  throwIfOver(): void {
    if (this.isOver) throw new InterruptedError('interrupted');
  }

  /** Ends what has not ended, what began last first. */
  async all(): Promise<void> {
    this.isOver = true;
    for (const end of [...this.owed].toReversed()) await end();
  }
}

export interface TemporaryDirectory {
  readonly path: string;
  readonly remove: End;
}

export function temporaryDirectory(endings: Endings, purpose: string): TemporaryDirectory {
  endings.throwIfOver();
  // In one turn with the promise to remove it: between them nothing can interrupt.
  const path = mkdtempSync(join(tmpdir(), `raftkv-${purpose}-`));
  return { path, remove: endings.owe(() => rm(path, { recursive: true, force: true })) };
}
