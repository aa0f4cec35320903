/**
 * How a request ends that was not served. Each has a stable `code`, says whether it may have taken effect (`outcome`),
 * and whether it makes sense to try again (`isRetryable`).
 */

import type { MembershipRefusal, NodeId, TransferRefusal } from '@raftkv/core';

/** `not-applied`: it never took effect and never will. `unknown`: it may have, or yet may. */
export type RequestOutcome = 'not-applied' | 'unknown';

/** Stable; docs/errors.md explains each. */
export type RaftErrorCode =
  | 'RAFT_NOT_LEADER'
  | 'RAFT_OVERLOADED'
  | 'RAFT_PROPOSAL_TOO_LARGE'
  | 'RAFT_OUTCOME_UNKNOWN'
  | 'RAFT_NODE_FAILED'
  | 'RAFT_NODE_CLOSED'
  | 'RAFT_EMPTIED_MEMBER'
  | 'RAFT_TRANSFER_REFUSED'
  | 'RAFT_MEMBERSHIP_REFUSED';

/** Why a request was not served. */
export abstract class RaftError extends Error {
  /** What to switch on; the message may change. */
  abstract readonly code: RaftErrorCode;
  /** `unknown` where the command may have taken effect, or yet may. */
  abstract readonly outcome: RequestOutcome;
  /** Whether the same call may succeed later, here or at another node. */
  abstract readonly isRetryable: boolean;
}

/** Only the leader takes proposals and reads. */
export class NotLeaderError extends RaftError {
  override readonly name = 'NotLeaderError';
  readonly code = 'RAFT_NOT_LEADER';
  readonly outcome = 'not-applied';
  readonly isRetryable = true;
  /** Where to try instead; `null` while this node knows of no leader. */
  readonly leader: NodeId | null;

  constructor(leader: NodeId | null, options?: ErrorOptions) {
    super(
      leader === null ? 'no leader is known yet: try again' : `the leader is ${leader}: try there`,
      options,
    );
    this.leader = leader;
  }
}

/** Too much is under way: try again when some of it is done. */
export class OverloadedError extends RaftError {
  override readonly name = 'OverloadedError';
  readonly code = 'RAFT_OVERLOADED';
  readonly outcome = 'not-applied';
  readonly isRetryable = true;
}

/** Leadership was not handed over. */
export class TransferRefusedError extends RaftError {
  override readonly name = 'TransferRefusedError';
  readonly code = 'RAFT_TRANSFER_REFUSED';
  readonly outcome = 'not-applied';
  readonly isRetryable: boolean;
  /** `transfer-failed`: it took longer than an election timeout, or the connection to the target broke. */
  readonly reason: TransferRefusal;

  constructor(reason: TransferRefusal) {
    super(TRANSFER_REFUSALS[reason]);
    this.reason = reason;
    this.isRetryable = reason === 'transferring' || reason === 'transfer-failed';
  }
}

const TRANSFER_REFUSALS: Readonly<Record<TransferRefusal, string>> = {
  transferring: 'another transfer is under way: try again when it has ended',
  'target-leads': 'the target leads already',
  'no-such-target': 'the target is no other voter, or no peer answers that could take over',
  'transfer-failed':
    'the target did not take over in time, and this node leads on: look at the target, or choose another',
};

/** The members are who they were. */
export class MembershipRefusedError extends RaftError {
  override readonly name = 'MembershipRefusedError';
  readonly code = 'RAFT_MEMBERSHIP_REFUSED';
  readonly outcome = 'not-applied';
  readonly isRetryable: boolean;
  /** What to switch on where it matters why. */
  readonly reason: MembershipRefusal;

  constructor(reason: MembershipRefusal) {
    super(MEMBERSHIP_REFUSALS[reason]);
    this.reason = reason;
    this.isRetryable = RETRYABLE_REFUSALS.has(reason);
  }
}

const RETRYABLE_REFUSALS: ReadonlySet<MembershipRefusal> = new Set([
  'membership-is-changing',
  'term-not-committed',
  'not-caught-up',
  'no-live-quorum',
]);

const MEMBERSHIP_REFUSALS: Readonly<Record<MembershipRefusal, string>> = {
  'membership-is-changing': 'another change of membership is under way: try again when it is done',
  'term-not-committed': 'this leader has committed nothing yet: try again in a moment',
  'configuration-changed': 'the configuration is not the one that this change was made for: look at it again',
  'invalid-targets':
    'the members asked for make no configuration: it needs a voter, and names each node once',
  'id-was-removed': 'a node that was removed never comes back: add it under an id that was never used',
  'not-caught-up':
    'a voter to come has to be a learner first, until it lacks little of the log: try again then',
  'no-live-quorum': 'of the old or of the new voters no quorum answers: start some, or choose others',
};

/** The payload is longer than this node accepts. */
export class ProposalTooLargeError extends RaftError {
  override readonly name = 'ProposalTooLargeError';
  readonly code = 'RAFT_PROPOSAL_TOO_LARGE';
  readonly outcome = 'not-applied';
  readonly isRetryable = false;

  constructor(bytes: number, bytesMax: number) {
    super(`a proposal of ${bytes} bytes is above proposalBytesMax (${bytesMax}): split it`);
  }
}

/** Leadership was lost, or the node stopped, before the outcome was seen: it may have taken effect, or yet may. */
export class OutcomeUnknownError extends RaftError {
  override readonly name = 'OutcomeUnknownError';
  readonly code = 'RAFT_OUTCOME_UNKNOWN';
  readonly outcome = 'unknown';
  readonly isRetryable = false;
}

/** This node stopped for good; `cause` says why. Look at that, then start it again. */
export class NodeFailedError extends RaftError {
  override readonly name = 'NodeFailedError';
  readonly code = 'RAFT_NODE_FAILED';
  readonly outcome = 'not-applied';
  readonly isRetryable = false;

  constructor(cause: Error) {
    super(`the node has stopped: ${cause.message}`, { cause });
  }
}

/** The node was closed before it took the request up. */
export class NodeClosedError extends RaftError {
  override readonly name = 'NodeClosedError';
  readonly code = 'RAFT_NODE_CLOSED';
  readonly outcome = 'not-applied';
  readonly isRetryable = false;

  constructor() {
    super('the node is closed');
  }
}

/**
 * The data directory is new, but the cluster has met this member with another: what the member had promised and
 * acknowledged is gone, so it must not take part under its old name (R28).
 */
export class EmptiedMemberError extends RaftError {
  override readonly name = 'EmptiedMemberError';
  readonly code = 'RAFT_EMPTIED_MEMBER';
  readonly outcome = 'not-applied';
  readonly isRetryable = false;

  constructor(id: NodeId, peer: NodeId) {
    super(
      `${peer} knows ${id} with another data directory: put that one back, or remove ${id} from the cluster and add it ` +
        'again under a name that was never used',
    );
  }
}
