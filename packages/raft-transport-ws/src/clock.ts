/** Time, as the transport needs it. */

/** Takes back what was asked for; later it does nothing. */
export type Cancel = () => void;

/** The time that a transport lives by; the machine's unless a test gives its own. */
export interface TransportClock {
  /** Milliseconds since some moment, never going back. */
  nowMs(): number;
  /** Calls `callback` once, `delayMs` from now or later, never within this call. */
  after(delayMs: number, callback: () => void): Cancel;
}

/** Time of the machine. */
export function systemTransportClock(): TransportClock {
  return {
    nowMs: () => performance.now(),
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
  };
}

/**
 * As `after`; but where the timer comes late, this process stood still itself, and what has arrived in the meantime was
 * not read yet: then the time runs once more. Source: R12.
 */
export function fairlyAfter(clock: TransportClock, delayMs: number, callback: () => void): Cancel {
  const wait = (): Cancel => {
    const dueMs = clock.nowMs() + delayMs;
    return clock.after(delayMs, () => {
      if (clock.nowMs() - dueMs > delayMs / 2) cancel = wait();
      else callback();
    });
  };
  let cancel = wait();
  return () => cancel();
}
