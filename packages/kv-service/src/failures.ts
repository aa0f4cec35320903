/** What a client is told where a request was not served. */

import type { Failure, FailureCode } from '@raftkv/kv-protocol';
import {
  MembershipRefusedError,
  NotLeaderError,
  RaftError,
  TransferRefusedError,
  type RaftErrorCode,
} from '@raftkv/runtime';

/** `null` where the error has a reason, which is the code. */
const CODES: Readonly<Record<RaftErrorCode, FailureCode | null>> = {
  RAFT_NOT_LEADER: 'not-leader',
  RAFT_OVERLOADED: 'overloaded',
  RAFT_PROPOSAL_TOO_LARGE: 'invalid-request',
  RAFT_OUTCOME_UNKNOWN: 'outcome-unknown',
  RAFT_NODE_FAILED: 'unavailable',
  RAFT_NODE_CLOSED: 'unavailable',
  RAFT_EMPTIED_MEMBER: 'unavailable',
  RAFT_TRANSFER_REFUSED: null,
  RAFT_MEMBERSHIP_REFUSED: null,
};

/** Where the named member can be reached, as far as this node knows. */
export type UrlOf = (node: string) => string | null;

export function failureOf(error: RaftError, urlOf: UrlOf): Failure {
  const leader = error instanceof NotLeaderError ? error.leader : null;
  return {
    code: codeOf(error),
    outcome: error.outcome,
    leaderUrl: leader === null ? null : urlOf(leader),
    message: error.message,
  };
}

function codeOf(error: RaftError): FailureCode {
  if (error instanceof MembershipRefusedError || error instanceof TransferRefusedError) return error.reason;
  return CODES[error.code] ?? 'unavailable';
}

/** For what this service refuses itself, before anything was proposed. */
export function refusal(code: FailureCode, message: string): Failure {
  return { code, outcome: 'not-applied', leaderUrl: null, message };
}
