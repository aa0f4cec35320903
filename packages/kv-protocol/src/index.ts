/** `@raftkv/kv-protocol`: what a key-value cluster and its clients say to each other. What it promises, name by name. */

export {
  CLIENT_SUBPROTOCOL,
  clientFrameWriter,
  decodeClientFrame,
  encodeClientMessage,
  PROTOCOL_VERSION,
  type ClientMessage,
  type Consistency,
  type Request,
} from './client-message.ts';
export { decodeCommand, encodeCommand, type Command, type SessionId, type WritePosition } from './command.ts';
export type { KeyValue } from './entry.ts';
export type { Failure, FailureCode, MembershipRefusal, TransferRefusal } from './failure.ts';
export type { FrameWriter } from './frame.ts';
export {
  EXPIRED_SESSIONS_MAX,
  EXPLANATION_BYTES_MAX,
  FRAME_BYTES_MAX,
  FRAME_MESSAGES_MAX,
  KEY_BYTES_MAX,
  MEMBERS_MAX,
  NAME_BYTES_MAX,
  NONCE_BYTES,
  SESSION_REPLIES_MAX,
  SESSION_REPLY_BYTES_MAX,
  SESSION_SEQUENCE_WINDOW,
  URL_BYTES_MAX,
  VALUE_BYTES_MAX,
} from './limits.ts';
export type { ClusterMember, MemberRole, Membership, MembershipChange, MemberTarget } from './membership.ts';
export type { NodeRole, NodeStatus, PeerFlow, PeerStatus } from './node-status.ts';
export { NO_CONDITION, type Condition, type Operation } from './operation.ts';
export { readOutcome, writeOutcome, type Outcome, type RefusalReason } from './outcome.ts';
export {
  decodeServerFrame,
  encodeServerMessage,
  serverFrameWriter,
  type Directory,
  type Response,
  type ServerMessage,
} from './server-message.ts';
