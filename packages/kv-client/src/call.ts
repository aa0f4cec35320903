/** One call of the user, from its beginning to its only end, and what is known of its attempts. */

import type { Consistency, KeyValue, Operation, Outcome } from '@raftkv/kv-protocol';
import type { CallOutcome } from './errors.ts';
import type { Place } from './session.ts';

export type Plan =
  /** Nothing but that a node answers. */
  | { readonly kind: 'reach' }
  | { readonly kind: 'get'; readonly key: Uint8Array; readonly consistency: Consistency }
  | { readonly kind: 'write'; readonly operation: Operation };

export type Answer =
  | { readonly kind: 'reached' }
  | { readonly kind: 'value'; readonly entry: KeyValue | null }
  | Exclude<Outcome, { kind: 'opened' | 'done' | 'refused' }>;

interface Ends {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

export class Call {
  readonly plan: Plan;
  /** What the call holds in memory. */
  readonly bytes: number;
  readonly startedMs: number;
  /** Null until the first time that it is sent. */
  place: Place | null = null;
  /** Takes back the attempt that is under way. */
  cancelAttempt: (() => void) | null = null;
  /** Some attempt ended without word of what it did. */
  isUncertain = false;
  retries = 0;
  /** What stood in the way last. */
  trouble: Error | undefined;
  /** What has to happen when it ends; run once. */
  readonly onEnd: (() => void)[] = [];
  private isOver = false;
  private readonly ends: Ends;

  constructor(plan: Plan, startedMs: number, ends: Ends) {
    this.plan = plan;
    this.bytes = bytesOf(plan);
    this.startedMs = startedMs;
    this.ends = ends;
  }

  /** `not-applied` only if nothing was ever sent or every attempt was refused for certain (R36). Reads change nothing. */
  get outcome(): CallOutcome {
    const isOpen = this.plan.kind === 'write' && (this.isUncertain || this.cancelAttempt !== null);
    return isOpen ? 'unknown' : 'not-applied';
  }

  get hasEnded(): boolean {
    return this.isOver;
  }

  succeed(answer: Answer): void {
    if (this.end()) this.ends.resolve(answer);
  }

  fail(reason: unknown): void {
    if (this.end()) this.ends.reject(reason);
  }

  private end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    for (const callback of this.onEnd) callback();
    return true;
  }
}

export function bytesOf(plan: Plan): number {
  switch (plan.kind) {
    case 'reach':
      return 0;
    case 'get':
      return plan.key.length;
    case 'write':
      return plan.operation.key.length + (plan.operation.kind === 'put' ? plan.operation.value.length : 0);
  }
}
