/** What a run came to. */

import { InvariantViolation } from '@raftkv/core';
import type { SimulationError } from '../world/world.ts';
import type { FaultKind } from '../plan/fault.ts';
import type { Outcome } from './requests.ts';

/** What did not hold. */
export interface Violation {
  /** As the registry names it; of any other error, its name. */
  readonly name: string;
  /** For people: who, where, what instead. */
  readonly why: string;
  /** When it was noticed. */
  readonly atMs: number;
  /** The last lines of the trace, oldest first. */
  readonly trace: readonly string[];
}

/** How a run went. */
export interface RunResult {
  /** Of its plan. */
  readonly seed: number;
  /** Of the whole trace: the same on every engine. */
  readonly digest: string;
  /** How many things happened. */
  readonly events: number;
  /** How long it was for the cluster. */
  readonly simulatedMs: number;
  /** Faults that happened. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Calls by how they ended. */
  readonly requests: Readonly<Record<Outcome, number>>;
  /** Snapshots that came whole from a peer, and those that a machine was made anew from, at a start too. */
  readonly snapshots: { readonly arrived: number; readonly restored: number };
  /** The last committed index. */
  readonly committed: number;
  /** `false` where members that were emptied keep one that has never run from being admitted (R28), or leave no quorum. */
  readonly isLivenessJudged: boolean;
  /** `null` where everything held. */
  readonly violation: Violation | null;
}

/** What a world that has ended with an error says about it. */
export function violationOf({ cause, atMs, trace }: SimulationError): Violation {
  if (cause instanceof InvariantViolation) {
    // The message begins with the name.
    return { name: cause.invariant, why: cause.message.slice(cause.invariant.length + 2), atMs, trace };
  }
  const error = cause instanceof Error ? cause : new Error(String(cause));
  return { name: error.name, why: error.stack ?? error.message, atMs, trace };
}
