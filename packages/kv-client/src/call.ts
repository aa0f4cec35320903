/** One call of the user, from its beginning to its only end, and what is known of its attempts. */

import type { Consistency, KeyValue, Operation, Outcome, Request, Response } from '@raftkv/kv-protocol';
import type { Attempt } from './connection.ts';
import type { CallOutcome } from './errors.ts';
import type { ListEntry } from './linked-list.ts';
import type { Place } from './session.ts';

/** What operators ask for. */
export type OperatorRequest = Extract<
  Request,
  { kind: 'members' | 'changeMembership' | 'transferLeadership' | 'status' }
>;

export type Plan =
  /** Nothing but that a node answers. */
  | { readonly kind: 'reach' }
  | { readonly kind: 'get'; readonly key: Uint8Array; readonly consistency: Consistency }
  | { readonly kind: 'write'; readonly operation: Operation }
  /** `waits`: a refusal that may pass is waited out. */
  | { readonly kind: 'operate'; readonly request: OperatorRequest; readonly waits: boolean };

export type OperatorAnswer = Extract<
  Response,
  { kind: 'members' | 'membershipChanged' | 'leadershipTransferred' | 'status' }
>;

export type Answer =
  | { readonly kind: 'reached' }
  | { readonly kind: 'value'; readonly entry: KeyValue | null }
  | OperatorAnswer
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
    const isOpen = changesSomething(this.plan) && (this.isUncertain || this.attempt !== null);
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

/** Changes something, and has no place in a session that would let it be sent twice and happen once. */
export function isOnceOnly(plan: Plan): boolean {
  if (plan.kind !== 'operate') return false;
  return plan.request.kind === 'changeMembership' || plan.request.kind === 'transferLeadership';
}

function changesSomething(plan: Plan): boolean {
  return plan.kind === 'write' || isOnceOnly(plan);
}

export function bytesOf(plan: Plan): number {
  switch (plan.kind) {
    case 'reach':
    case 'operate':
      return 0;
    case 'get':
      return plan.key.length;
    case 'write':
      return plan.operation.key.length + (plan.operation.kind === 'put' ? plan.operation.value.length : 0);
  }
}
