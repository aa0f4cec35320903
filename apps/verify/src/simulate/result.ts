/** What a run came to. */

import { violationOf, type SimulationError, type Violation } from '@raftkv/simulation';
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

/** By the name of the promise, where it is one of the stack. */
export function stackViolation(error: SimulationError): Violation {
  const violation = violationOf(error);
  const { cause } = error;
  return cause instanceof BrokenPromise
    ? { ...violation, name: cause.promise, why: cause.message }
    : violation;
}
