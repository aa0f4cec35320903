/** Why nothing is measured. */

/** Something that the measurement needs is missing or does not work; the message says what, and what to do. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
}

/** What the user typed makes no sense; the message says what does. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
