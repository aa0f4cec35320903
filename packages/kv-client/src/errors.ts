/**
 * How a call ends that was not served. Each error has a stable `code`, says whether the call may have taken effect
 * (`outcome`), and whether to make the same call again makes sense (`retryable`).
 */

/** `not-applied`: it never took effect and never will. `unknown`: it may have, or yet may. */
export type CallOutcome = 'not-applied' | 'unknown';

/** Stable; docs/errors.md explains each. */
export type KvErrorCode =
  | 'KV_TIMEOUT'
  | 'KV_UNAVAILABLE'
  | 'KV_CONDITION_FAILED'
  | 'KV_MEMBERSHIP_REFUSED'
  | 'KV_TRANSFER_REFUSED'
  | 'KV_OVERLOADED'
  | 'KV_SESSION_EXPIRED'
  | 'KV_REQUEST_TOO_LARGE'
  | 'KV_INVALID_ARGUMENT'
  | 'KV_VALUE_FORMAT'
  | 'KV_PROTOCOL'
  | 'KV_CLOSED';

/** Why a call was not answered, and whether it may have taken effect. */
export abstract class KvError extends Error {
  /** What to switch on; the message may change. */
  abstract readonly code: KvErrorCode;
  /** Whether the same call may succeed later. Where `outcome` is `unknown`, read before you repeat a write. */
  abstract readonly retryable: boolean;
  /** `not-applied`: the call changed nothing and never will. `unknown`: it may have. */
  readonly outcome: CallOutcome;

  constructor(message: string, outcome: CallOutcome, options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}

/** `timeoutMs` passed; `cause` is what stood in the way last. */
export class TimeoutError extends KvError {
  override readonly name = 'TimeoutError';
  readonly code = 'KV_TIMEOUT';
  readonly retryable: boolean;

  constructor(timeoutMs: number, outcome: CallOutcome, options?: ErrorOptions) {
    super(`no answer within ${timeoutMs} ms${effect(outcome)}`, outcome, options);
    this.retryable = outcome === 'not-applied';
  }
}

/** No node could be reached for `offlineWaitMs`, or none that serves; `cause` is what the last one did. */
export class UnavailableError extends KvError {
  override readonly name = 'UnavailableError';
  readonly code = 'KV_UNAVAILABLE';
  readonly retryable: boolean;

  constructor(what: string, outcome: CallOutcome, options?: ErrorOptions) {
    super(`${what}${effect(outcome)}`, outcome, options);
    this.retryable = outcome === 'not-applied';
  }
}

/** The key is not as `ifRevision` or `ifAbsent` asks; nothing changed. */
export class ConditionFailedError extends KvError {
  override readonly name = 'ConditionFailedError';
  readonly code = 'KV_CONDITION_FAILED';
  readonly retryable = false;
  /** The revision of the key's last change; 0 where the key is absent. */
  readonly current: number;

  constructor(current: number) {
    super(
      current === 0
        ? 'the condition does not hold: the key is absent'
        : `the condition does not hold: the key was last changed at revision ${current}`,
      'not-applied',
    );
    this.current = current;
  }
}

/** Too much is under way, here or there: call again when some of it has ended. */
export class OverloadedError extends KvError {
  override readonly name = 'OverloadedError';
  readonly code = 'KV_OVERLOADED';
  readonly retryable = true;

  constructor(what: string) {
    super(`${what}: call again when some of it has ended`, 'not-applied');
  }
}

/** The cluster has forgotten the client's session, and with it whether the write was applied (R36). */
export class SessionExpiredError extends KvError {
  override readonly name = 'SessionExpiredError';
  readonly code = 'KV_SESSION_EXPIRED';
  readonly retryable: boolean;

  constructor(outcome: CallOutcome, options?: ErrorOptions) {
    super(`the session of the write has expired${effect(outcome)}`, outcome, options);
    this.retryable = outcome === 'not-applied';
  }
}

/** A key or value is longer than it may be; the message says how long it may be. */
export class RequestTooLargeError extends KvError {
  override readonly name = 'RequestTooLargeError';
  readonly code = 'KV_REQUEST_TOO_LARGE';
  readonly retryable = false;
  /** What is allowed. */
  readonly bytesMax: number;

  constructor(what: string, bytes: number, bytesMax: number) {
    super(`${what} of ${bytes} bytes is longer than the ${bytesMax} bytes allowed`, 'not-applied');
    this.bytesMax = bytesMax;
  }
}

/** An argument or option is not of the kind that the call takes, or the cluster refuses the request as it is. */
export class InvalidArgumentError extends KvError {
  override readonly name = 'InvalidArgumentError';
  readonly code = 'KV_INVALID_ARGUMENT';
  readonly retryable = false;

  constructor(message: string, outcome: CallOutcome = 'not-applied', options?: ErrorOptions) {
    super(message, outcome, options);
  }
}

/** `text()` or `json()` of a value that is not that. */
export class ValueFormatError extends KvError {
  override readonly name = 'ValueFormatError';
  readonly code = 'KV_VALUE_FORMAT';
  readonly retryable = false;

  constructor(what: string, options?: ErrorOptions) {
    super(`the value is no ${what}: read its bytes from \`value\``, 'not-applied', options);
  }
}

/** A node said what no node of this protocol, or of this cluster, says. */
export class ProtocolError extends KvError {
  override readonly name = 'ProtocolError';
  readonly code = 'KV_PROTOCOL';
  readonly retryable = false;
}

/** `close()` was called. */
export class ClosedError extends KvError {
  override readonly name = 'ClosedError';
  readonly code = 'KV_CLOSED';
  readonly retryable = false;

  constructor(outcome: CallOutcome) {
    super(`the client is closed${effect(outcome)}`, outcome);
  }
}

function effect(outcome: CallOutcome): string {
  return outcome === 'not-applied'
    ? ''
    : ', and whether the call took effect is not known: read before you repeat it';
}
