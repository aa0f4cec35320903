/** What a run came to. */

import { MachineInvariantViolation } from '@raftkv/kv-state-machine';
import { violationOf, type SimulationError, type Violation } from '@raftkv/simulation';
import { StorageInvariantViolation } from '@raftkv/storage-file';
import { BrokenPromise } from './broken-promise.ts';

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
  readonly violation: Violation | null;
}

/** By the name of the promise, where it is one of the stack, or as the registry of a package names it. */
export function stackViolation(error: SimulationError): Violation {
  const violation = violationOf(error);
  const { cause } = error;
  if (cause instanceof BrokenPromise) return { ...violation, name: cause.promise, why: cause.message };
  return cause instanceof MachineInvariantViolation || cause instanceof StorageInvariantViolation
    ? { ...violation, name: cause.invariant, why: cause.message }
    : violation;
}
