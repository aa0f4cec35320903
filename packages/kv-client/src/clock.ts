/** Time as the client needs it: a port, so that tests decide when it passes. */

export interface ClientClock {
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Calls `callback` once, `delayMs` from now; what it gives back takes that back. */
  setTimer(delayMs: number, callback: () => void): () => void;
}

/** Longer timers fire at once; one that fires early is set again. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The clock of the machine, in Node and in browsers. */
export const systemClock: ClientClock = {
  nowMs: () => performance.now(),
  setTimer(delayMs, callback) {
    const dueMs = performance.now() + delayMs;
    let timer: ReturnType<typeof setTimeout>;
    const arm = (): void => {
      const restMs = dueMs - performance.now();
      timer = setTimeout(
        () => {
          if (performance.now() < dueMs - 1) arm();
          else callback();
        },
        Math.min(Math.max(restMs, 0), TIMER_MAX_MS),
      );
    };
    arm();
    return () => clearTimeout(timer);
  },
};
