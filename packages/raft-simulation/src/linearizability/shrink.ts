/**
 * Makes a history that has no order shorter, so that someone can read it. Only steps are taken that lead from a history with an
 * order to another one with an order: so what is left without one shows that the whole had none either. A write is never left
 * out, since whoever saw it would be wrong for another reason.
 */

import type { Model, Operation } from './operation.ts';
import { search, type Budget, type Stuck } from './search.ts';
import { timelineOf } from './timeline.ts';

/** Operations that have no order, and how far one got. */
export interface Witness<State, Input, Output> {
  readonly history: readonly Operation<Input, Output>[];
  readonly stuck: Stuck<State, Input, Output>;
}

/** Ends early, with a longer witness, once `stepsMax` steps of the model are spent. */
export function shrink<State, Input, Output>(
  model: Model<State, Input, Output>,
  witness: Witness<State, Input, Output>,
  stepsMax: number,
): Witness<State, Input, Output> {
  const budget = { steps: stepsMax };
  return withoutReads(model, shortestPrefix(model, witness, budget), budget);
}

/** Up to the first return that cannot be. A prefix of what has an order has one, so the prefixes without are the longer ones. */
function shortestPrefix<State, Input, Output>(
  model: Model<State, Input, Output>,
  witness: Witness<State, Input, Output>,
  budget: Budget,
): Witness<State, Input, Output> {
  const returns = witness.history.flatMap(({ returned }) => returned ?? []).toSorted((a, b) => a - b);
  let shortest = witness;
  let low = 0;
  let high = returns.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const tried = failing(model, prefix(witness.history, returns[middle] ?? Infinity), budget);
    if (tried === null) {
      low = middle + 1;
    } else {
      shortest = tried;
      high = middle;
    }
  }
  return shortest;
}

/** As it looked at `time`: what returned later had not returned. */
function prefix<Input, Output>(
  history: readonly Operation<Input, Output>[],
  time: number,
): Operation<Input, Output>[] {
  return history
    .filter(({ called }) => called <= time)
    .map((operation) => {
      const { returned } = operation;
      return returned !== null && returned > time
        ? { ...operation, returned: null, output: null }
        : operation;
    });
}

/** By halves, quarters and so on of the reads; at last by one. */
function withoutReads<State, Input, Output>(
  model: Model<State, Input, Output>,
  witness: Witness<State, Input, Output>,
  budget: Budget,
): Witness<State, Input, Output> {
  const isRead = ({ input, output }: Operation<Input, Output>): boolean =>
    model.isReadOnly?.(input, output) ?? false;
  let shortest = witness;
  let reads = witness.history.filter(isRead);
  for (let size = reads.length; size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < reads.length;) {
      const dropped = new Set(reads.slice(start, start + size));
      const rest = shortest.history.filter((operation) => !dropped.has(operation));
      const tried = failing(model, rest, budget);
      if (tried === null) {
        start += size;
      } else {
        shortest = tried;
        reads = reads.filter((operation) => !dropped.has(operation));
      }
    }
  }
  return shortest;
}

/** Null where there is an order, or too little is left to find out. */
function failing<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  budget: Budget,
): Witness<State, Input, Output> | null {
  const result = search(model, timelineOf(model, history), budget);
  return result.kind === 'stuck' ? { history, stuck: result.stuck } : null;
}
