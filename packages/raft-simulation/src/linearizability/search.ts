/**
 * Looks for an order of operations in which each answer is right and none stands before another that had returned when it was
 * called. One operation after another is placed and, where nothing can follow, taken back; a set of placed operations is
 * tried once with each state that it leads to. Source: Wing and Gong, Testing and Verifying Concurrent Objects (1993); Lowe,
 * Testing for Linearizability (2017).
 */

import type { Model, Operation } from './operation.ts';
import { Visited } from './visited.ts';
import { lift, putBack, type Settled, type Timeline } from './timeline.ts';

/** What may still be spent, in calls of `step`. Shared by searches that share a limit. */
export interface Budget {
  steps: number;
}

/** As many operations in order as could be placed, and what could not be placed after them. */
export interface Stuck<State, Input, Output> {
  /** What could take effect one after another. */
  readonly order: readonly Operation<Input, Output>[];
  /** After all of `order`. */
  readonly state: State;
  /** One of these has to follow, and none can. By the time they returned: the first could wait for no later one's call. */
  readonly next: readonly Operation<Input, Output>[];
}

export type SearchResult<State, Input, Output> =
  | { readonly kind: 'found' }
  | { readonly kind: 'stuck'; readonly stuck: Stuck<State, Input, Output> }
  | { readonly kind: 'exhausted' };

/** An operation that may come next, and the state after it. */
interface Move<State, Input, Output> {
  readonly state: State;
  readonly operation: Operation<Input, Output>;
  /** Which operation it is, or which of the lists of those that are alike. */
  readonly placed: Settled<Input, Output> | number;
}

/** A state in which something was placed or may be. */
interface Frame<State, Input, Output> {
  readonly state: State;
  /** The highest place of a placed operation among all calls; −1 where there is none. */
  readonly lastIndex: number;
  readonly moves: Move<State, Input, Output>[];
  tried: number;
  /** Operations that may never have taken effect come last: few of them have. */
  hasOpenMoves: boolean;
}

export function search<State, Input, Output>(
  model: Model<State, Input, Output>,
  timeline: Timeline<Input, Output>,
  budget: Budget,
): SearchResult<State, Input, Output> {
  return new Search(model, timeline, budget).run();
}

class Search<State, Input, Output> {
  private readonly model: Model<State, Input, Output>;
  private readonly timeline: Timeline<Input, Output>;
  private readonly budget: Budget;
  private readonly visited = new Visited();
  private readonly frames: Frame<State, Input, Output>[] = [];
  /** How many of each list of operations that are alike are placed: always the earliest, which can stand for any other. */
  private readonly openUsed: number[];
  private settledLeft: number;
  private best: Stuck<State, Input, Output> | null = null;

  constructor(model: Model<State, Input, Output>, timeline: Timeline<Input, Output>, budget: Budget) {
    this.model = model;
    this.timeline = timeline;
    this.budget = budget;
    this.settledLeft = timeline.settledCount;
    this.openUsed = timeline.open.map(() => 0);
  }

  run(): SearchResult<State, Input, Output> {
    let frame = this.enter(this.model.initial, -1);
    while (this.settledLeft > 0) {
      if (this.budget.steps <= 0) return { kind: 'exhausted' };
      const move = this.nextMove(frame);
      if (move !== undefined) {
        frame = this.place(frame, move) ?? frame;
        continue;
      }
      const stuck = this.stuckAt(frame);
      const before = this.takeBack();
      if (before === null) return { kind: 'stuck', stuck };
      frame = before;
    }
    return { kind: 'found' };
  }

  private enter(state: State, lastIndex: number): Frame<State, Input, Output> {
    const { moves, isForced } = this.settledMoves(state);
    const frame = { state, lastIndex, moves, tried: 0, hasOpenMoves: isForced };
    this.frames.push(frame);
    return frame;
  }

  private nextMove(frame: Frame<State, Input, Output>): Move<State, Input, Output> | undefined {
    if (frame.tried === frame.moves.length && !frame.hasOpenMoves) {
      frame.hasOpenMoves = true;
      frame.moves.push(...this.openMoves(frame.state));
    }
    const move = frame.moves[frame.tried];
    frame.tried += 1;
    return move;
  }

  /**
   * What took effect and may come next. A read that leaves the state as it is comes alone: in any order that goes on from here
   * it could be moved to this place, and nothing else would change.
   */
  private settledMoves(state: State): { moves: Move<State, Input, Output>[]; isForced: boolean } {
    const moves: Move<State, Input, Output>[] = [];
    for (const settled of this.callable()) {
      const { operation, output } = settled;
      const { input } = operation;
      const after = this.step(state, input, output);
      if (after === null) {
        if (this.model.isTooLate?.(state, input, output) === true) return { moves: [], isForced: true };
        continue;
      }
      const move = { state: after, operation, placed: settled };
      const isForced = after === state && this.model.isReadOnly?.(input, output) === true;
      if (isForced) return { moves: [move], isForced };
      moves.push(move);
    }
    return { moves, isForced: false };
  }

  private openMoves(state: State): Move<State, Input, Output>[] {
    const latest = this.firstReturnTime();
    return this.timeline.open.flatMap((alike, placed) => {
      const operation = alike[this.openUsed[placed] ?? 0];
      // The first stands in for the others, so that states do not differ by what no answer can tell apart.
      const [representative] = alike;
      if (operation === undefined || representative === undefined || operation.called > latest) return [];
      const after = this.step(state, representative.input, null);
      return after === null ? [] : [{ state: after, operation, placed }];
    });
  }

  private step(state: State, input: Input, output: Output | null): State | null {
    this.budget.steps -= 1;
    return this.model.step(state, input, output);
  }

  /** Called before anything that is left returned; what has to be placed first is the first. */
  private callable(): Settled<Input, Output>[] {
    const callable: Settled<Input, Output>[] = [];
    let event = this.timeline.head.next;
    for (; event !== null && !event.isReturn; event = event.next) {
      if (event.of !== null) callable.push(event.of);
    }
    return callable.toSorted((a, b) => a.return.time - b.return.time);
  }

  private firstReturnTime(): number {
    let event = this.timeline.head.next;
    while (event !== null && !event.isReturn) event = event.next;
    return event?.time ?? Infinity;
  }

  /** The frame after `move`, or null where it leads to what was tried before. */
  private place(
    frame: Frame<State, Input, Output>,
    { placed, state }: Move<State, Input, Output>,
  ): Frame<State, Input, Output> | null {
    this.apply(placed);
    const lastIndex = typeof placed === 'number' ? frame.lastIndex : Math.max(frame.lastIndex, placed.index);
    if (this.visited.add(this.keyOf(lastIndex, state), this.openUsedIn(state))) {
      return this.enter(state, lastIndex);
    }
    this.revert(placed);
    return null;
  }

  /** The frame before the last one, or null where there is none. */
  private takeBack(): Frame<State, Input, Output> | null {
    this.frames.pop();
    const before = this.frames.at(-1);
    if (before === undefined) return null;
    const move = before.moves[before.tried - 1];
    if (move !== undefined) this.revert(move.placed);
    return before;
  }

  private apply(placed: Settled<Input, Output> | number): void {
    if (typeof placed === 'number') {
      this.openUsed[placed] = (this.openUsed[placed] ?? 0) + 1;
      return;
    }
    lift(placed);
    this.settledLeft -= 1;
  }

  private revert(placed: Settled<Input, Output> | number): void {
    if (typeof placed === 'number') {
      this.openUsed[placed] = (this.openUsed[placed] ?? 0) - 1;
      return;
    }
    putBack(placed);
    this.settledLeft += 1;
  }

  /**
   * Names what is placed, exactly, and the state: of what was called up to the last placed one, that which is not placed. No
   * more than a few, as none of them had returned when the last one was called.
   */
  private keyOf(lastIndex: number, state: State): string {
    let key = `${lastIndex}`;
    for (let event = this.timeline.head.next; event !== null; event = event.next) {
      if (event.of === null || event.of.index > lastIndex) break;
      if (!event.isReturn) key += `,${event.of.index}`;
    }
    return `${key};${this.model.keyOf(state)}`;
  }

  /** As `openUsed`, 0 for those of which none can be placed any more: how many were does not matter then. */
  private openUsedIn(state: State): number[] {
    return this.openUsed.map((used, placed) => {
      const [representative] = this.timeline.open[placed] ?? [];
      if (used === 0 || representative === undefined) return 0;
      return this.model.isTooLate?.(state, representative.input, null) === true ? 0 : used;
    });
  }

  /** The longest order so far. */
  private stuckAt({ state }: Frame<State, Input, Output>): Stuck<State, Input, Output> {
    const length = this.frames.length - 1;
    if (this.best === null || length > this.best.order.length) {
      const order = this.frames.slice(0, -1).flatMap(({ moves, tried }) => moves[tried - 1]?.operation ?? []);
      this.best = { order, state, next: this.callable().map(({ operation }) => operation) };
    }
    return this.best;
  }
}
