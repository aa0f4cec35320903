/** What is wrong with the text of a scenario, and where. */

/** A scenario cannot be read, or names a node or a state that there is not. Its message begins with the line. */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
  readonly code = 'RAFT_SCENARIO';
  /** Where in the text, from 1 on. */
  readonly line: number;

  constructor(line: number, why: string) {
    super(`line ${line}: ${why}`);
    this.line = line;
  }
}
