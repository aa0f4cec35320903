/** How a node ends, and what requests are told from then on. */

import { NodeClosedError, NodeFailedError, OutcomeUnknownError, type RaftError } from '../errors.ts';

export type Ending = { readonly kind: 'closed' } | { readonly kind: 'failed'; readonly cause: Error };

/** For a request that certainly had no effect: a read, or a proposal that came after the end. */
export function refusal(ending: Ending): RaftError {
  return ending.kind === 'closed' ? new NodeClosedError() : new NodeFailedError(ending.cause);
}

/** For a proposal that was under way. */
export function unknownOutcome(ending: Ending): RaftError {
  if (ending.kind === 'closed')
    return new OutcomeUnknownError('the node was closed before the outcome was seen');
  const { cause } = ending;
  return new OutcomeUnknownError(`the node stopped before the outcome was seen: ${cause.message}`, { cause });
}
