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
 * Starts empty with each start of the process. Where the log begins with a snapshot, that is restored first; then comes
 * every command behind it, in order, those too that were applied before. It must be deterministic: what it does and
 * answers may depend on nothing but the commands before, or members come apart.
 */
export interface StateMachine<Result> {
  /**
   * Applies `commands`, at least one, in order, and gives one result for each; the next call comes when this one is
   * done. An error stops the node: an answer to a bad command is a result, not an exception.
   */
  apply(commands: readonly Command[]): readonly Result[] | Promise<readonly Result[]>;
  /** Absent where the machine has none: then the log is kept whole. */
  readonly snapshots?: MachineSnapshots;
}

/** How a machine is written down, and made anew from that. */
export interface MachineSnapshots {
  /**
   * All that the commands applied so far have made, as of this call: what is applied while it is read changes nothing of
   * it. Pieces of at most 64 KiB.
   */
  take(): AsyncIterable<Uint8Array>;
  /**
   * Puts what was taken, here or on another member, in place of all there is. No other call comes before it is done.
   *
   * @throws if it is no snapshot of this machine: the node stops.
   */
  restore(content: AsyncIterable<Uint8Array>): Promise<void>;
}
