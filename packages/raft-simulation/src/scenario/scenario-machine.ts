/** A state machine that knows how far it is, and nothing else. It answers at once, unless its answers are held back. */

import type { LogIndex } from '@raftkv/core';

/** The machine of one process: a new one is empty. */
export class ScenarioMachine {
  /** What it is handed from now on takes until `release`. */
  isHeld = false;
  private handed = 0;
  private restoring = false;
  private late: LogIndex[] = [];

  /** Up to where it was handed entries, or a snapshot. */
  get handedIndex(): number {
    return this.handed;
  }

  /** Has it not answered for a snapshot yet? */
  get isRestoring(): boolean {
    return this.restoring;
  }

  /** It is handed entries up to `index`; gives what took effect. */
  apply(index: LogIndex): readonly LogIndex[] {
    this.handed = index;
    if (!this.isHeld) return [index];
    this.late.push(index);
    return [];
  }

  /** It is handed a snapshot of all up to `index`; gives what took effect. */
  restore(index: LogIndex): readonly LogIndex[] {
    this.restoring = this.isHeld;
    return this.apply(index);
  }

  /** It works again; gives what took effect now, in order. */
  release(): readonly LogIndex[] {
    this.isHeld = false;
    this.restoring = false;
    return this.late.splice(0);
  }
}
