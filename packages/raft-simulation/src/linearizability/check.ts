/**
 * Whether what clients saw is linearizable: each operation can be given a moment between its call and its return such that
 * all answers are those of one copy that did them in that order. Source: Herlihy and Wing, Linearizability (1990). It is so
 * if it is so of each part of the state alone, which is what is checked.
 */

import type { Model, Operation } from './operation.ts';
import { search, type Stuck } from './search.ts';
import { shrink } from './shrink.ts';
import { timelineOf } from './timeline.ts';

/** How far to look. */
export interface CheckOptions {
  /**
   * How many steps of the model to try for one part, 5,000,000 unless given, and as many again to shorten what was found. Each
   * may keep some hundred bytes until the part is done.
   */
  readonly stepsMax?: number;
}

/** What came of a check; `kind` says which. */
export type Verdict<State, Input, Output> =
  | { readonly kind: 'linearizable' }
  /** No order was found of this part, and not all were tried: it may be either. No other part is known to be violated. */
  | { readonly kind: 'undecided'; readonly part: string; readonly stepsMax: number }
  | Violation<State, Input, Output>;

/** There is no order in which all answers of the part are right. */
export interface Violation<State, Input, Output> {
  readonly kind: 'violated';
  /** The first part that has no order, such as a key. */
  readonly part: string;
  /**
   * Operations of the part that have no order among themselves, as few as were found: all up to the first return that cannot
   * be, less reads that are not needed for that. What had not returned by then stands there as if it never did.
   */
  readonly history: readonly Operation<Input, Output>[];
  /** The longest order found of operations of `history`, and what could not follow. */
  readonly stuck: Stuck<State, Input, Output>;
}

const STEPS_MAX = 5_000_000;

/**
 * Checks all parts. The first one that is violated is what is told, also where others are undecided.
 *
 * @throws {RangeError} if an operation returns before it is called, or has an output without a return or the reverse.
 */
export function checkLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  options: CheckOptions = {},
): Verdict<State, Input, Output> {
  const { stepsMax = STEPS_MAX } = options;
  for (const operation of history) checkShape(operation);
  let undecided: Verdict<State, Input, Output> | null = null;
  for (const [part, operations] of partsOf(model, history)) {
    const result = search(model, timelineOf(model, operations), { steps: stepsMax });
    if (result.kind === 'exhausted') undecided ??= { kind: 'undecided', part, stepsMax };
    if (result.kind !== 'stuck') continue;
    return {
      kind: 'violated',
      part,
      ...shrink(model, { history: operations, stuck: result.stuck }, stepsMax),
    };
  }
  return undecided ?? { kind: 'linearizable' };
}

function partsOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): Map<string, Operation<Input, Output>[]> {
  const parts = new Map<string, Operation<Input, Output>[]>();
  for (const operation of history) {
    const part = model.partOf(operation.input);
    const operations = parts.get(part);
    if (operations === undefined) parts.set(part, [operation]);
    else operations.push(operation);
  }
  return parts;
}

function checkShape({ client, called, returned, output }: Operation<unknown, unknown>): void {
  const isWhole = (returned === null) === (output === null);
  // Written so that a NaN is refused too.
  const isOrdered = returned === null ? !Number.isNaN(called) : called <= returned;
  if (isWhole && isOrdered) return;
  throw new RangeError(`no operation of client ${client} is called at ${called} and returns at ${returned}`);
}
