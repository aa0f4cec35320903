/** What a node says of why it did not serve a request, as the error that a caller may meet. */

import type { Failure } from '@raftkv/kv-protocol';
import {
  isMembershipRefusal,
  isTransferRefusal,
  MembershipRefusedError,
  TransferRefusedError,
} from './refusals.ts';
import { InvalidArgumentError, UnavailableError, type CallOutcome, type KvError } from './errors.ts';

export function failureError(failure: Failure, outcome: CallOutcome = failure.outcome): KvError {
  const { code, message } = failure;
  if (code === 'invalid-request') {
    return new InvalidArgumentError(`the cluster refuses the request: ${message}`, outcome);
  }
  if (isMembershipRefusal(code)) return new MembershipRefusedError(code, message);
  if (isTransferRefusal(code)) return new TransferRefusedError(code, message);
  return new UnavailableError(`${code}: ${message}`, outcome);
}
