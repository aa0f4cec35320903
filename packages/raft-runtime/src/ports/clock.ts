/** The port to time. */

export interface Clock {
  /** Milliseconds since some moment, never going back. */
  nowMs(): number;

  /**
   * Milliseconds of the time of day, which may be set. It goes on where the machine sleeps and `nowMs` may not: held against
   * each other, they show it (R19).
   */
  wallMs(): number;

  /** Calls `wake` once, at `atMs` or later. A new call replaces the one before; `null` only takes that back. */
  wakeAt(atMs: number | null, wake: () => void): void;

  /** Calls `callback` once, when the events that wait in this turn of the event loop have been told. */
  endOfTurn(callback: () => void): void;
}
