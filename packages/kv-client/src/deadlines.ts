/**
 * By when something has to have ended, and one timer for all of it, set to the earliest. Most calls of a program have the
 * same timeout, so that their deadlines come in the order in which they pass; and nearly all are taken back, for which no
 * timer has to be touched.
 */

import type { ClientClock } from './clock.ts';
import { LinkedList, type ListEntry } from './linked-list.ts';

export interface Dated {
  readonly dueMs: number;
}

export class Deadlines<Value extends Dated> {
  private readonly clock: ClientClock;
  private readonly onPassed: (value: Value) => void;
  /** The earliest first; of equal ones, the one that was added first. */
  private readonly list = new LinkedList<Value>();
  /** What the timer is set to: the earliest deadline, or an earlier one that was taken back. Null: it is not set. */
  private armedForMs: number | null = null;
  private cancelTimer: () => void = () => {};

  /** `onPassed` is told of each that passes, which by then is taken back. */
  constructor(clock: ClientClock, onPassed: (value: Value) => void) {
    this.clock = clock;
    this.onPassed = onPassed;
  }

  /** What it gives back is for `remove`. */
  add(value: Value): ListEntry<Value> {
    // From the end, where it belongs unless others were given longer.
    let previous = this.list.last;
    while (previous !== null && previous.value.dueMs > value.dueMs) previous = previous.previous;
    const entry = this.list.insertAfter(previous, value);
    if (this.armedForMs === null || value.dueMs < this.armedForMs) this.arm(value.dueMs);
    return entry;
  }

  /** Takes a deadline back, if it has not passed. The timer stays: when it fires, it is set for the next. */
  remove(entry: ListEntry<Value>): void {
    this.list.remove(entry);
  }

  /** Stops the timer, when nothing is added any more. */
  close(): void {
    this.cancelTimer();
  }

  private arm(dueMs: number): void {
    this.cancelTimer();
    this.armedForMs = dueMs;
    this.cancelTimer = this.clock.setTimer(dueMs - this.clock.nowMs(), () => this.onTimer(dueMs));
  }

  private onTimer(armedForMs: number): void {
    this.armedForMs = null;
    // The clock may be a little behind its own timers.
    const nowMs = Math.max(this.clock.nowMs(), armedForMs);
    for (let { first } = this.list; first !== null; { first } = this.list) {
      if (first.value.dueMs > nowMs) return this.arm(first.value.dueMs);
      this.list.remove(first);
      this.onPassed(first.value);
    }
  }
}
