/**
 * The operations of one part, as a search sees them: those that took effect, as a doubly linked list of calls and returns in
 * the order of time from which an operation can be lifted and put back; and those that may have, by what they would do.
 */

import type { Inference, Model, Operation } from './operation.ts';

/** An operation that took effect, and the latest time at which it can have done so. */
export interface Settled<Input, Output> {
  readonly operation: Operation<Input, Output>;
  readonly output: Output;
  /** Its place among all calls. */
  readonly index: number;
  readonly call: TimelineEvent<Input, Output>;
  readonly return: TimelineEvent<Input, Output>;
}

/** A call or a return in the list. */
export interface TimelineEvent<Input, Output> {
  readonly time: number;
  readonly isReturn: boolean;
  /** Null in the list's head alone. */
  of: Settled<Input, Output> | null;
  previous: TimelineEvent<Input, Output> | null;
  next: TimelineEvent<Input, Output> | null;
}

/** Operations that may have taken effect and would all do the same, by the time of their call. */
export type Alike<Input, Output> = readonly Operation<Input, Output>[];

export interface Timeline<Input, Output> {
  /** Stands before the first event. */
  readonly head: TimelineEvent<Input, Output>;
  readonly settledCount: number;
  readonly open: readonly Alike<Input, Output>[];
}

export function timelineOf<State, Input, Output>(
  model: Model<State, Input, Output>,
  part: readonly Operation<Input, Output>[],
): Timeline<Input, Output> {
  const infer = model.infer?.(part) ?? nothingKnown();
  const events: TimelineEvent<Input, Output>[] = [];
  const open = new Map<string, Operation<Input, Output>[]>();
  const byCall = part.toSorted((a, b) => a.called - b.called);
  for (const operation of byCall) {
    const known = settledBy(operation, infer);
    if (known.kind === 'answered') addEvents(events, operation, known);
    else if (known.kind === 'open') addOpen(open, known.effect, operation);
  }
  // What is called when another returns overlaps with it: that is the weaker claim, and times may be coarse.
  events.sort((a, b) => a.time - b.time || Number(a.isReturn) - Number(b.isReturn));
  // The rarest first: those that many can stand for are kept for what only they explain.
  const alike = [...open.values()].toSorted((a, b) => a.length - b.length);
  return { head: linked(events), settledCount: events.length / 2, open: alike };
}

/** Takes an operation out of the list. */
export function lift<Input, Output>(settled: Settled<Input, Output>): void {
  for (const { previous, next } of [settled.call, settled.return]) {
    if (previous !== null) previous.next = next;
    if (next !== null) next.previous = previous;
  }
}

/** Puts the operation back that was lifted last of those that are out. */
export function putBack<Input, Output>(settled: Settled<Input, Output>): void {
  for (const event of [settled.return, settled.call]) {
    if (event.previous !== null) event.previous.next = event;
    if (event.next !== null) event.next.previous = event;
  }
}

function nothingKnown<Output>(): () => Inference<Output> {
  let count = 0;
  return () => ({ kind: 'open', effect: String((count += 1)) });
}

function settledBy<Input, Output>(
  operation: Operation<Input, Output>,
  infer: (operation: Operation<Input, Output>) => Inference<Output>,
): Inference<Output> {
  const { called, returned, output } = operation;
  if (returned !== null && output !== null) return { kind: 'answered', output, before: returned };
  const inference = infer(operation);
  // Seen before it was called, it has no place at all. That is for the search to find, at the answer that saw it.
  const isSeenTooEarly = inference.kind === 'answered' && inference.before < called;
  return isSeenTooEarly ? { kind: 'irrelevant' } : inference;
}

function addOpen<Input, Output>(
  open: Map<string, Operation<Input, Output>[]>,
  effect: string,
  operation: Operation<Input, Output>,
): void {
  const alike = open.get(effect);
  if (alike === undefined) open.set(effect, [operation]);
  else alike.push(operation);
}

function addEvents<Input, Output>(
  events: TimelineEvent<Input, Output>[],
  operation: Operation<Input, Output>,
  { output, before }: { readonly output: Output; readonly before: number },
): void {
  const call = eventAt<Input, Output>(operation.called, false);
  const settled: Settled<Input, Output> = {
    operation,
    output,
    index: events.length / 2,
    call,
    return: eventAt(before, true),
  };
  call.of = settled;
  settled.return.of = settled;
  events.push(call, settled.return);
}

function eventAt<Input, Output>(time: number, isReturn: boolean): TimelineEvent<Input, Output> {
  return { time, isReturn, of: null, previous: null, next: null };
}

function linked<Input, Output>(
  events: readonly TimelineEvent<Input, Output>[],
): TimelineEvent<Input, Output> {
  const head = eventAt<Input, Output>(-Infinity, false);
  let last = head;
  for (const event of events) {
    last.next = event;
    event.previous = last;
    last = event;
  }
  return head;
}
