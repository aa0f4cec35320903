/** Why something could not be reached, as far down as anybody says it. */

/** `fetch` says "fetch failed" and no more; a name with several addresses fails with one error for each and no message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return reasonOf(error.errors[0] ?? error.message);
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return error.message === '' ? error.name : error.message;
}
