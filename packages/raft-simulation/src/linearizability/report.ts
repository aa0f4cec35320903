/** A violation as text: what was asked and answered, drawn against time, and how far an order of it got. */

import type { Violation } from './check.ts';
import type { Operation } from './operation.ts';

/** How to show what belongs to the model. */
export interface ReportOptions<State, Input, Output> {
  /** JSON unless given. */
  readonly input?: (input: Input) => string;
  /** JSON unless given. */
  readonly output?: (output: Output) => string;
  /** JSON unless given. */
  readonly state?: (state: State) => string;
  /** How many operations to show, the last by time of their call: 32 unless given. */
  readonly operationsMax?: number;
}

const COLUMNS = 80;
const TIMELINE_COLUMNS = 28;
const OPERATIONS_MAX = 32;

/**
 * Lines of at most 80 columns. `place` is where an operation stands in the longest order found, `-` where it is not in it, `>`
 * where it had to follow and could not.
 */
export function describeViolation<State, Input, Output>(
  { part, history, stuck }: Violation<State, Input, Output>,
  options: ReportOptions<State, Input, Output> = {},
): string {
  const { input = json, output = json, state = json, operationsMax = OPERATIONS_MAX } = options;
  const shown = history.toSorted((a, b) => a.called - b.called).slice(-operationsMax);
  const places = new Map(stuck.order.map((operation, index) => [operation, String(index + 1)]));
  for (const operation of stuck.next) places.set(operation, '>');
  const omitted = history.length - shown.length;
  const draw = timelineOf(shown);
  const lines = shown.map((operation) => {
    const answer = operation.output === null ? '?' : output(operation.output);
    const place = (places.get(operation) ?? '-').padStart(5);
    const client = String(operation.client).padStart(6);
    return `${place} ${client} ${draw(operation)} ${input(operation.input)} -> ${answer}`;
  });
  return [
    `${part}: these ${history.length} operations have no order in which all answers are right`,
    ...(omitted === 0 ? [] : [`the first ${omitted} of them are not shown`]),
    `${'place'.padStart(5)} client ${'time'.padEnd(TIMELINE_COLUMNS)} operation`,
    ...lines,
    `after ${stuck.order.length} of them in order, none marked > can follow in the state`,
    state(stuck.state),
  ]
    .map(fit)
    .join('\n');
}

/**
 * Draws an operation from call to return. One column for each moment at which something happened, or for several where there
 * are more than columns: distances mean nothing, order does.
 */
function timelineOf(
  shown: readonly Operation<unknown, unknown>[],
): (operation: Operation<unknown, unknown>) => string {
  const times = shown.flatMap(({ called, returned }) => (returned === null ? [called] : [called, returned]));
  const moments = [...new Set(times)].toSorted((a, b) => a - b);
  const scale = Math.min(1, (TIMELINE_COLUMNS - 1) / Math.max(1, moments.length - 1));
  const columns = new Map(moments.map((time, rank) => [time, Math.floor(rank * scale)]));
  const columnOf = (time: number): number => columns.get(time) ?? 0;
  return ({ called, returned }) => {
    const start = columnOf(called);
    const end = returned === null ? TIMELINE_COLUMNS - 1 : columnOf(returned);
    const inner = '-'.repeat(Math.max(0, end - start - 1));
    const close = returned === null ? '>' : '|';
    const bar = end === start ? '|' : `|${inner}${close}`;
    return (' '.repeat(start) + bar).padEnd(TIMELINE_COLUMNS);
  };
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

function fit(line: string): string {
  return line.length <= COLUMNS ? line : `${line.slice(0, COLUMNS - 1)}…`;
}
