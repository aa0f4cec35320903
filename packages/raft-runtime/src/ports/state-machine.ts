/** The port to what is replicated. */

import type { LogIndex, Term } from '@raftkv/core';

/** A command that is committed. */
export interface Command {
  /** Rises; entries that are no commands lie between. */
  readonly index: LogIndex;
  /** Of the leader that appended it. */
  readonly term: Term;
  /** As it was proposed. Read only: the log keeps it. */
  readonly data: Uint8Array;
}

/**
 * Starts empty with each start of the process, and is given every command of the log again, in order. It must be
 * deterministic: what it does and answers may depend on nothing but the commands before, or members come apart.
 */
export interface StateMachine<Result> {
  /**
   * Applies `commands`, at least one, in order, and gives one result for each; the next call comes when this one is
   * done. An error stops the node: an answer to a bad command is a result, not an exception.
   */
  apply(commands: readonly Command[]): readonly Result[] | Promise<readonly Result[]>;
}
