/** How a change of membership, or a transfer of leadership, ends that the cluster refused: nothing has changed by it. */

import type { MembershipRefusal, TransferRefusal } from '@raftkv/kv-protocol';
import { KvError } from './errors.ts';

/** Does it help to ask for the same again? */
const MEMBERSHIP: Readonly<Record<MembershipRefusal, boolean>> = {
  'membership-is-changing': true,
  'term-not-committed': true,
  'configuration-changed': false,
  'invalid-targets': false,
  'id-was-removed': false,
  'not-caught-up': true,
  'no-live-quorum': true,
};
const TRANSFER: Readonly<Record<TransferRefusal, boolean>> = {
  transferring: true,
  'target-leads': false,
  'no-such-target': false,
  'transfer-failed': true,
};

/** The members are who they were. */
export class MembershipRefusedError extends KvError {
  override readonly name = 'MembershipRefusedError';
  readonly code = 'KV_MEMBERSHIP_REFUSED';
  /** Where it helps to ask for the same again, a little later. */
  readonly retryable: boolean;
  /** What to switch on where it matters why. */
  readonly reason: MembershipRefusal;

  constructor(reason: MembershipRefusal, message: string) {
    super(message, 'not-applied');
    this.reason = reason;
    this.retryable = MEMBERSHIP[reason];
  }
}

/** Whoever led leads on. */
export class TransferRefusedError extends KvError {
  override readonly name = 'TransferRefusedError';
  readonly code = 'KV_TRANSFER_REFUSED';
  /** Where it helps to ask for the same again, a little later. */
  readonly retryable: boolean;
  /** What to switch on where it matters why. */
  readonly reason: TransferRefusal;

  constructor(reason: TransferRefusal, message: string) {
    super(message, 'not-applied');
    this.reason = reason;
    this.retryable = TRANSFER[reason];
  }
}

/** Does the cluster say by this code that it refuses a change of membership? */
export function isMembershipRefusal(code: string): code is MembershipRefusal {
  return Object.hasOwn(MEMBERSHIP, code);
}

/** Does the cluster say by this code that it refuses a transfer of leadership? */
export function isTransferRefusal(code: string): code is TransferRefusal {
  return Object.hasOwn(TRANSFER, code);
}
