/** What a client is told where a request was not served. */

import type { Failure, FailureCode } from '@raftkv/kv-protocol';
import { NotLeaderError, RaftError, type RaftErrorCode } from '@raftkv/runtime';

const CODES: Readonly<Record<RaftErrorCode, FailureCode>> = {
  RAFT_NOT_LEADER: 'not-leader',
  RAFT_OVERLOADED: 'overloaded',
  RAFT_PROPOSAL_TOO_LARGE: 'invalid-request',
  RAFT_OUTCOME_UNKNOWN: 'outcome-unknown',
  RAFT_NODE_FAILED: 'unavailable',
  RAFT_NODE_CLOSED: 'unavailable',
  RAFT_EMPTIED_MEMBER: 'unavailable',
  RAFT_TRANSFER_REFUSED: 'unavailable',
  RAFT_MEMBERSHIP_REFUSED: 'invalid-request',
};

/** Where the named member can be reached, as far as this node knows. */
export type UrlOf = (node: string) => string | null;

export function failureOf(error: RaftError, urlOf: UrlOf): Failure {
  const leader = error instanceof NotLeaderError ? error.leader : null;
  return {
    code: CODES[error.code],
    outcome: error.outcome,
    leaderUrl: leader === null ? null : urlOf(leader),
    message: error.message,
  };
}

/** For what this service refuses itself, before anything was proposed. */
export function refusal(code: FailureCode, message: string): Failure {
  return { code, outcome: 'not-applied', leaderUrl: null, message };
}
