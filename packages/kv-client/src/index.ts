/** `@raftkv/kv-client` in browsers, and wherever there is a global `WebSocket`. What it promises, name by name. */
/// <reference lib="esnext.disposable" preserve="true" />

import { platformSocket } from './browser-socket.ts';
import { connectThrough, type KvClient } from './client.ts';
import type { ConnectOptions } from './options.ts';

export type { Bytes, ConditionOptions } from './arguments.ts';
export type { CallOptions } from './calls.ts';
export type { RandomBytes } from './chance.ts';
export type { DeleteOptions, GetOptions, KvClient, WriteOptions } from './client.ts';
export type { KvCluster, MembersOptions } from './cluster.ts';
export type { ClientClock } from './clock.ts';
export type { Entry } from './entry.ts';
export {
  ClosedError,
  ConditionFailedError,
  InvalidArgumentError,
  KvError,
  OverloadedError,
  ProtocolError,
  RequestTooLargeError,
  SessionExpiredError,
  TimeoutError,
  UnavailableError,
  ValueFormatError,
  type CallOutcome,
  type KvErrorCode,
} from './errors.ts';
export type { MembershipChange, MemberTarget } from './membership-arguments.ts';
export type { Notice } from './notice.ts';
export type { ConnectOptions } from './options.ts';
export { MembershipRefusedError, TransferRefusedError } from './refusals.ts';
export type { ClientSocket, SocketEvent, SocketFactory } from './socket.ts';
export type {
  ClusterMember,
  MemberRole,
  Membership,
  MembershipRefusal,
  NodeRole,
  NodeStatus,
  PeerFlow,
  PeerStatus,
  TransferRefusal,
} from '@raftkv/kv-protocol';

/**
 * Connects to a cluster through the nodes that are named; resolves once one answers.
 *
 * @throws {KvError} if none does in time, or an option is out of range; the reason of `signal` if it is aborted.
 */
export function connect(options: ConnectOptions): Promise<KvClient> {
  return connectThrough(platformSocket, options);
}
