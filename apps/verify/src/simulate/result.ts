/** What a run came to. */

import { InvariantViolation } from '@raftkv/core';
import { MachineInvariantViolation } from '@raftkv/kv-state-machine';
import type { SimulationError } from '@raftkv/simulation';
import { StorageInvariantViolation } from '@raftkv/storage-file';
import { BrokenPromise } from './broken-promise.ts';

/** What did not hold. */
export interface StackViolation {
  /** As a registry of the project names it; of any other error, its name. */
  readonly name: string;
  readonly why: string;
  readonly atMs: number;
  /** The last lines of the trace, oldest first. */
  readonly trace: readonly string[];
}

export interface StackResult {
  readonly seed: number;
  /** Of the whole trace. */
  readonly digest: string;
  readonly events: number;
  readonly simulatedMs: number;
  /** How often each happened. */
  readonly faults: ReadonlyMap<string, number>;
  /** Calls of clients that were answered, or of unknown outcome. */
  readonly operations: number;
  readonly unknown: number;
  /** The last committed index. */
  readonly committed: number;
  /** `null` where everything held. */
  readonly violation: StackViolation | null;
}

export function violationOf({ cause, atMs, trace }: SimulationError): StackViolation {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  return { name: nameOf(error), why: error.stack ?? error.message, atMs, trace };
}

function nameOf(error: Error): string {
  if (
    error instanceof InvariantViolation ||
    error instanceof MachineInvariantViolation ||
    error instanceof StorageInvariantViolation
  )
    return error.invariant;
  return error instanceof BrokenPromise ? error.promise : error.name;
}
