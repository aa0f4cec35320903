/** One call of the user, from its beginning to its only end, and what is known of its attempts. */

import type { Consistency, KeyValue, Operation, Outcome } from '@raftkv/kv-protocol';
import type { Attempt } from './connection.ts';
import type { CallOutcome } from './errors.ts';
import type { ListEntry } from './linked-list.ts';
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

/** What has to happen when it ends: `onEnd` first. */
interface Ends {
  readonly onEnd: (call: Call) => void;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

export class Call {
  readonly plan: Plan;
  /** What the call holds in memory. */
  readonly bytes: number;
  readonly startedMs: number;
  readonly timeoutMs: number;
  /** Null until the first time that it is sent. */
  place: Place | null = null;
  /** The one that is under way. */
  attempt: Attempt | null = null;
  /** Some attempt ended without word of what it did. */
  isUncertain = false;
  retries = 0;
  /** What stood in the way last. */
  trouble: Error | undefined;
  /** Where it stands among all that have not ended, … */
  entry: ListEntry<Call> | null = null;
  /** … among those that wait until another ends, … */
  waitingEntry: ListEntry<Call> | null = null;
  /** … and among those that have a deadline. */
  deadlineEntry: ListEntry<Call> | null = null;
  /** Takes back what its signal was asked for. */
  forgetSignal: (() => void) | null = null;
  private isOver = false;
  private readonly ends: Ends;

  constructor(plan: Plan, startedMs: number, timeoutMs: number, ends: Ends) {
    this.plan = plan;
    this.bytes = bytesOf(plan);
    this.startedMs = startedMs;
    this.timeoutMs = timeoutMs;
    this.ends = ends;
  }

  get dueMs(): number {
    return this.startedMs + this.timeoutMs;
  }

  /** `not-applied` only if nothing was ever sent or every attempt was refused for certain (R36). Reads change nothing. */
  get outcome(): CallOutcome {
    const isOpen = this.plan.kind === 'write' && (this.isUncertain || this.attempt !== null);
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
    this.ends.onEnd(this);
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
