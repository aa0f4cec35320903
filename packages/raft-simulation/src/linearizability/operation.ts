/** What clients asked of a system and what they were told, and what a system that behaves would have told them. */

/** One call of one client. Operations of one client may overlap. */
export interface Operation<Input, Output> {
  readonly client: number;
  /** When it was called, in any unit that only orders. */
  readonly called: number;
  /** When it returned, above `called`; null where the outcome stayed unknown: it may take effect at any time since, or never. */
  readonly returned: number | null;
  readonly input: Input;
  /** Null exactly where `returned` is. */
  readonly output: Output | null;
}

/** What the system would do if it did one operation after another. States are values: a step makes a new one. */
export interface Model<State, Input, Output> {
  readonly initial: State;
  /** The part of the state that `input` touches alone, such as a key: parts are checked one by one. */
  partOf(input: Input): string;
  /**
   * The state after `input` was answered with `output` (null: with any answer), or null where it cannot have been answered
   * so in `state`. No state is null.
   */
  step(state: State, input: Input, output: Output | null): State | null;
  /** Equal for equal states, and only then. */
  keyOf(state: State): string;
}
