/**
 * Why a transport does not start, and why a snapshot was not delivered. What else happens later is no error of this node: it
 * is told as a notice.
 */

import type { NodeId } from '@raftkv/core';

/** Stable; docs/errors.md explains each. */
export type TransportErrorCode = 'TRANSPORT_LISTEN' | 'TRANSPORT_CLOSED' | 'TRANSPORT_SNAPSHOT_ENDED';

/** Why a transport cannot start, or a snapshot was not delivered. */
export abstract class TransportError extends Error {
  /** What to switch on; the message may change. */
  abstract readonly code: TransportErrorCode;
}

/** The address cannot be listened at. */
export class ListenError extends TransportError {
  override readonly name = 'ListenError';
  readonly code = 'TRANSPORT_LISTEN';
  /** As the option gave it. */
  readonly host: string;
  /** As the option gave it. */
  readonly port: number;

  constructor(host: string, port: number, cause: Error) {
    super(`this node cannot listen for its peers at ${host}:${port}: ${cause.message}. ${advice(cause)}`, {
      cause,
    });
    this.host = host;
    this.port = port;
  }
}

/** The transport was closed, or started a second time. */
export class TransportClosedError extends TransportError {
  override readonly name = 'TransportClosedError';
  readonly code = 'TRANSPORT_CLOSED';

  constructor() {
    super(
      'a transport is started once, and not after it was closed: make a new one for each start of a node',
    );
  }
}

/** Why a stream of a snapshot ended before it was delivered; docs/errors.md explains each. */
export type SnapshotEnd =
  | 'not-connected'
  | 'unreachable'
  | 'refused'
  | 'replaced'
  | 'silent'
  | 'disconnected'
  | 'content-failed'
  | 'bad-frame'
  | 'closed';

/** A snapshot was not delivered: told to who sends it, and thrown by the content to who reads it. */
export class SnapshotEndedError extends TransportError {
  override readonly name = 'SnapshotEndedError';
  readonly code = 'TRANSPORT_SNAPSHOT_ENDED';
  /** The other side. */
  readonly peer: NodeId;
  /** What happened, for programs. */
  readonly why: SnapshotEnd;
  /** What happened, in words; part of the message. */
  readonly reason: string;

  constructor(peer: NodeId, why: SnapshotEnd, reason: string, options?: ErrorOptions) {
    super(`the stream of a snapshot between this node and ${peer} ended early, ${why}: ${reason}`, options);
    this.peer = peer;
    this.why = why;
    this.reason = reason;
  }
}

function advice(cause: Error): string {
  switch ('code' in cause ? cause.code : undefined) {
    case 'EADDRINUSE':
      return 'Stop what listens there, or choose another port, 0 for any that is free';
    case 'EACCES':
      return 'Choose a port above 1023';
    default:
      return 'Choose a host name or address of this machine';
  }
}
