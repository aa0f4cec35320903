/** Simulated time, and what is to happen in it. */
export interface Timeline {
  /** Since the beginning of the world; a whole number of microseconds. */
  readonly nowMs: number;
  /** Calls `run` once, `delayMs` from now or a microsecond later, and never before this method has returned. */
  after(delayMs: number, run: () => void): void;
}
