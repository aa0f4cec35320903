/** `@raftkv/kv-protocol`: what a key-value cluster and its clients say to each other. What it promises, name by name. */

export {
  CLIENT_SUBPROTOCOL,
  decodeClientMessage,
  encodeClientMessage,
  PROTOCOL_VERSION,
  type ClientMessage,
  type Consistency,
  type Request,
} from './client-message.ts';
export { decodeCommand, encodeCommand, type Command, type SessionId, type WritePosition } from './command.ts';
export type { KeyValue } from './entry.ts';
export type { Failure, FailureCode } from './failure.ts';
export {
  EXPIRED_SESSIONS_MAX,
  EXPLANATION_BYTES_MAX,
  KEY_BYTES_MAX,
  MEMBERS_MAX,
  MESSAGE_BYTES_MAX,
  NAME_BYTES_MAX,
  NONCE_BYTES,
  URL_BYTES_MAX,
  VALUE_BYTES_MAX,
} from './limits.ts';
export { NO_CONDITION, type Condition, type Operation } from './operation.ts';
export { readOutcome, writeOutcome, type Outcome, type RefusalReason } from './outcome.ts';
export {
  decodeServerMessage,
  encodeServerMessage,
  type Directory,
  type Response,
  type ServerMessage,
} from './server-message.ts';
