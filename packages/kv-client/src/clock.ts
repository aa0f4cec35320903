/** Time as the client needs it: a port, so that tests decide when it passes. */

export interface ClientClock {
  /** Milliseconds that never go back. */
  nowMs(): number;
  /** Calls `callback` once, `delayMs` from now; what it gives back takes that back. */
  setTimer(delayMs: number, callback: () => void): () => void;
  /** Calls `callback` once, when what runs now has run: what is asked for until then leaves in one frame. */
  endOfTurn(callback: () => void): void;
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
  endOfTurn: turnScheduler(),
};

type Scheduler = (callback: () => void) => void;

/**
 * Node calls immediates once the sockets that were ready are read and everyone who waited for their answers has gone on,
 * however many promises stand between: the next calls of all of them go together. Elsewhere a microtask is enough to gather
 * the calls that a program makes one after another, and needs no turn of an event loop that browsers slow down.
 */
function turnScheduler(): Scheduler {
  const setImmediate: unknown = Reflect.get(globalThis, 'setImmediate');
  return isScheduler(setImmediate) ? (callback) => setImmediate(callback) : queueMicrotask.bind(globalThis);
}

function isScheduler(value: unknown): value is Scheduler {
  return typeof value === 'function';
}
