/** What clients asked of a system and what they were told, and what a system that behaves would have told them. */

/** One call of one client. Operations of one client may overlap. */
export interface Operation<Input, Output> {
  /** Who called, for the report alone: a client may have several calls under way. */
  readonly client: number;
  /** When it was called, in any unit that only orders. What is called when another returns overlaps with it. */
  readonly called: number;
  /** When it returned; null where the outcome stayed unknown: it may take effect at any time since `called`, or never. */
  readonly returned: number | null;
  /** What was asked for. */
  readonly input: Input;
  /** Null exactly where `returned` is. */
  readonly output: Output | null;
}

/** What the system would do if it did one operation after another. States are values: a step makes a new one. */
export interface Model<State, Input, Output> {
  /** Of every part, before the history begins. */
  readonly initial: State;
  /** The part of the state that `input` touches alone, such as a key: parts are checked one by one. */
  partOf(input: Input): string;
  /**
   * The state after `input` was answered with `output` (null: with any answer), or null where it cannot have been answered
   * so in `state`. No state is null. An answer may tell more of a state than was known of it; where neither it nor the
   * operation changes anything this is `state` itself.
   */
  step(state: State, input: Input, output: Output | null): State | null;
  /** Equal for equal states, and only then. */
  keyOf(state: State): string;
  /**
   * What the operations of one part, taken together, tell about those of them that did not return; each may have taken
   * effect or not, and is tried in both ways, where this is left out. Only what holds in every order may be told.
   */
  infer?(
    part: readonly Operation<Input, Output>[],
  ): (operation: Operation<Input, Output>) => Inference<Output>;
  /**
   * Whether it changed nothing, wherever it stands, so that the others would have been answered as they were without it. Where
   * left out, fewer operations can be placed at once, and none can be left out of what is shown.
   */
  isReadOnly?(input: Input, output: Output | null): boolean;
  /**
   * Whether `input` can be answered with `output` (null: can take effect at all) neither in `state` nor in any state that can
   * follow, such as with a number that only rises and has passed. Saves the search what lies behind such a state.
   */
  isTooLate?(state: State, input: Input, output: Output | null): boolean;
}

/** What is known of an operation that did not return; `kind` says which. */
export type Inference<Output> =
  /** Nothing: no answer depends on whether it took effect. */
  | { readonly kind: 'irrelevant' }
  /** It took effect as if it had been answered so, at the time `before` at the latest: another's answer shows it. */
  | { readonly kind: 'answered'; readonly output: Output; readonly before: number }
  /** It may have taken effect or not. Any two of equal `effect` could take each other's place, and no answer would differ. */
  | { readonly kind: 'open'; readonly effect: string };
