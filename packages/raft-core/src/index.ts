/** `@raftkv/core`: Raft as pure state transitions. What this package promises, name by name. */

export { recover } from './recover.ts';
export { step } from './step.ts';
export { flush, progressOf, statusOf, type Flushed } from './flush.ts';
export { dump, load, DumpError, type Json } from './dump.ts';

export { logIndex, nodeId, ref, term, writeNumber } from './basics/brands.ts';
export type { LogIndex, NodeId, Ref, Round, Term, WriteNumber } from './basics/brands.ts';
export { CLUSTER_INVARIANTS, INVARIANTS, InvariantViolation } from './basics/invariants.ts';
export type { ClusterInvariantName, InvariantName } from './basics/invariants.ts';

export {
  firstConfiguration,
  halvesOf,
  isMember,
  isRemoved,
  isVoter,
  membersOf,
  noConfiguration,
  votersOf,
} from './contract/configuration.ts';
export type {
  Configuration,
  IndexedConfiguration,
  JointConfiguration,
  Member,
  MembershipTargets,
  SimpleConfiguration,
} from './contract/configuration.ts';
export { hasQuorum } from './contract/quorum.ts';
export { configurationFault, REMOVED_IDS_MAX } from './contract/well-formed-configuration.ts';
export type {
  Apply,
  Changed,
  Effect,
  Fetch,
  InstallSnapshot,
  MembershipRefusal,
  NewBase,
  Outcome,
  Persist,
  Readable,
  RefusalReason,
  Result,
  Send,
  SendSnapshot,
  TransferRefusal,
} from './contract/effect.ts';
export { entryBytes } from './contract/entry.ts';
export type { ConfigurationEntry, DataEntry, Entry, EntryKind } from './contract/entry.ts';
export type { Input } from './contract/input.ts';
export type {
  Append,
  AppendRefusal,
  AppendReply,
  Message,
  PreVoteReply,
  PreVoteRequest,
  ReadReply,
  ReadRequest,
  Removed,
  RoundReply,
  TimeoutNow,
  VoteReply,
  VoteRequest,
} from './contract/message.ts';
export { CLUSTER_ID_BYTES, OptionsError, type NodeOptions } from './contract/options.ts';
export { emptyRecord } from './contract/record.ts';
export type { Base, DurableRecord, HardState, TermRange } from './contract/record.ts';
export type { Fault, PeerFault, PeerProgress, RoleKind, Status } from './contract/status.ts';
export { committedConfigurationOf, configurationIndexOf, configurationOf } from './state/node-state.ts';
export type { NodeState } from './state/node-state.ts';
export { baseAt } from './rules/compaction.ts';
