/** How a call of an operator ended that did not succeed, in a few words that are counted. */

import { MembershipRefusedError, TransferRefusedError, type KvError } from '@raftkv/kv-client';

export function outcomeOf(error: KvError): string {
  if (error instanceof MembershipRefusedError || error instanceof TransferRefusedError) {
    return `refused (${error.reason})`;
  }
  return error.outcome === 'unknown' ? 'unknown' : `not applied (${error.code})`;
}
