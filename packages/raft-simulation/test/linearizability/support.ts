/** Histories by hand: who did what when, in one line each. */

import type {
  Condition,
  KeyValueEntry,
  KeyValueInput,
  KeyValueOperation,
  KeyValueOutput,
  Model,
  Operation,
} from '../../src/linearizability/index.ts';

type Span = readonly [called: number, returned: number | null];

let lastClient = 0;

function operation(
  [called, returned]: Span,
  input: KeyValueInput,
  output: KeyValueOutput | null,
): KeyValueOperation {
  lastClient += 1;
  return { client: lastClient, called, returned, input, output: returned === null ? null : output };
}

/** `x = value`, answered with revision and version, or not at all. */
export function put(
  span: Span,
  value: string,
  answer: readonly [revision: number, version: number] | { current: number } | null,
  { key = 'x', ifRevision = null }: { key?: string; ifRevision?: Condition } = {},
): KeyValueOperation {
  const input = { kind: 'put', key, value, ifRevision } as const;
  if (answer === null) return operation(span, input, null);
  if ('current' in answer) {
    return operation(span, input, { kind: 'conditionFailed', current: answer.current });
  }
  return operation(span, input, { kind: 'put', revision: answer[0], version: answer[1] });
}

export function del(
  span: Span,
  answer: readonly [revision: number, isDeleted: boolean] | { current: number } | null,
  { key = 'x', ifRevision = null }: { key?: string; ifRevision?: Condition } = {},
): KeyValueOperation {
  const input = { kind: 'delete', key, ifRevision } as const;
  if (answer === null) return operation(span, input, null);
  if ('current' in answer) {
    return operation(span, input, { kind: 'conditionFailed', current: answer.current });
  }
  return operation(span, input, { kind: 'deleted', revision: answer[0], isDeleted: answer[1] });
}

/** Saw a value with its revision, version and the revision of its creation; or nothing. */
export function get(
  span: Span,
  seen: readonly [value: string, modRevision: number, version: number, createRevision: number] | null,
  key = 'x',
): KeyValueOperation {
  const entry: KeyValueEntry | null =
    seen === null
      ? null
      : { value: seen[0], modRevision: seen[1], version: seen[2], createRevision: seen[3] };
  return operation(span, { kind: 'get', key }, { kind: 'value', entry });
}

/**
 * Tries every order of every choice of operations without an answer, one after another: the definition, word for word, without
 * what the checker does to be quick.
 */
export function hasOrder<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
  state: State = model.initial,
): boolean {
  if (history.every(({ returned }) => returned === null)) return true;
  return history.some((candidate) => {
    const rest = history.filter((other) => other !== candidate);
    const isLate = rest.some(({ returned }) => returned !== null && returned < candidate.called);
    if (isLate) return false;
    const after = model.step(state, candidate.input, candidate.output);
    return after !== null && hasOrder(model, rest, after);
  });
}
