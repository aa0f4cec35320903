/** `@raftkv/runtime`: a Raft node that performs the core's effects through ports. What it promises, name by name. */
/// <reference lib="esnext.disposable" preserve="true" />

/** Names of members, their first configuration and that of an entry: a host needs no other import than this package. */
export {
  firstConfiguration,
  logIndex,
  noConfiguration,
  nodeId,
  type LogIndex,
  type NodeId,
} from '@raftkv/core';

export {
  EmptiedMemberError,
  MembershipRefusedError,
  NodeClosedError,
  NodeFailedError,
  NotLeaderError,
  OutcomeUnknownError,
  OverloadedError,
  ProposalTooLargeError,
  RaftError,
  TransferRefusedError,
  type RaftErrorCode,
  type RequestOutcome,
} from './errors.ts';
export type { MembershipRefusal, TransferRefusal } from '@raftkv/core';

export { RaftNode } from './node/raft-node.ts';
export type { IgnoreReason } from './node/admission.ts';
export type { NodeMember, NodeMembers } from './node/members.ts';
export type { MembershipChange, MemberTarget } from './node/membership-change.ts';
export type { NodeMetrics } from './node/metrics.ts';
export type { CoreLimits, NodeObserver, Notice, RaftNodeOptions, ReadOptions } from './node/options.ts';
export type { Answer, Applied, Done, MembershipChanged, Refused } from './node/requests.ts';
export type { NodeStatus } from './node/status.ts';

export { systemClock } from './system-clock.ts';
export { MemoryLogStorage, type MemoryLogStorageOptions } from './memory/log-storage.ts';
export { InProcessNetwork, type InProcessNetworkOptions } from './memory/network.ts';

export type { Clock } from './ports/clock.ts';
export { INCARNATION_BYTES } from './ports/log-storage.ts';
export type {
  Incarnation,
  LogStorage,
  SnapshotHead,
  StoredLog,
  StoredSnapshot,
  WriteBatch,
} from './ports/log-storage.ts';
export type { Command, MachineSnapshots, StateMachine } from './ports/state-machine.ts';
export { ABOUT_BYTES_MAX, SNAPSHOT_HEAD_BYTES_MAX } from './ports/transport.ts';
export type { Greeting, PeerAddress, Transport, TransportEvents } from './ports/transport.ts';

export {
  MEMBER_DATA_BYTES_MAX,
  MEMBERS_MAX,
  NODE_ID_BYTES_MAX,
  readConfiguration,
  readNodeId,
  writeConfiguration,
  writeNodeId,
} from './bytes/configuration.ts';
export { ADDRESS_BYTES_MAX, decodeMemberRecord, encodeMemberRecord } from './bytes/member-record.ts';
export type { MemberRecord } from './bytes/member-record.ts';
export { clusterIdOf } from './bytes/cluster-id.ts';
export { ENTRY_DATA_BYTES_MAX, readEntry, writeEntry } from './bytes/entry.ts';
export { decodeSnapshotHead, encodeSnapshotHead } from './bytes/snapshot-head.ts';
export { readHardState, writeHardState } from './bytes/hard-state.ts';
