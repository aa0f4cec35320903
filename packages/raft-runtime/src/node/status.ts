/** What a node says about itself. */

import {
  logIndex,
  configurationOf,
  progressOf,
  votersOf,
  statusOf,
  type LogIndex,
  type NodeId,
  type NodeState,
  type PeerProgress,
  type Status,
} from '@raftkv/core';

/** What a node says about itself to its host. */
export interface NodeStatus extends Status {
  /** As the configuration names this node. */
  readonly id: NodeId;
  /** Known to be committed. */
  readonly commitIndex: LogIndex;
  /** Has taken effect in this node's state machine. */
  readonly appliedIndex: LogIndex;
  /** The end of this node's log, and how much of the log is on its disk. */
  readonly lastIndex: LogIndex;
  /** A snapshot holds all up to here, and the log begins behind it; 0 before the first one. */
  readonly snapshotIndex: LogIndex;
  /** May be below `lastIndex` while a write is under way. */
  readonly durableIndex: LogIndex;
  /** What a leader knows of its peers; empty on any other node. */
  readonly peers: readonly PeerProgress[];
  /** `null` until the entry that carries it is known here to be committed (R27). */
  readonly clusterId: Uint8Array | null;
  /** Waits for the word of all other voters that it is not an emptied member (R28). */
  readonly isOnProbation: boolean;
}

/** What the core does not know of. */
export type RuntimeStatus = Pick<NodeStatus, 'clusterId' | 'isOnProbation'>;

export function nodeStatus(state: NodeState, { clusterId, isOnProbation }: RuntimeStatus): NodeStatus {
  return {
    ...statusOf(state),
    id: state.options.id,
    commitIndex: state.commitIndex,
    appliedIndex: state.appliedIndex,
    lastIndex: lastIndexOf(state),
    snapshotIndex: state.log.base.index,
    durableIndex: state.disk.durableIndex,
    peers: progressOf(state),
    clusterId,
    isOnProbation,
  };
}

export function lastIndexOf({ log: { tail } }: NodeState): LogIndex {
  return logIndex(tail.firstIndex + tail.entries.length - 1);
}

/** Has this node nobody to wait for? */
export function isLoneVoter(state: NodeState): boolean {
  const { options } = state;
  const voters = votersOf(configurationOf(state));
  return voters.length === 1 && voters[0]?.id === options.id;
}
