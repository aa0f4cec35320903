/** What a host gives a transport. */

import { ByteWriter } from '@raftkv/codec';
import { membersOf, OptionsError, type Configuration, type NodeId } from '@raftkv/core';
import { NODE_ID_BYTES_MAX, writeConfiguration } from '@raftkv/runtime';
import { createHash } from 'node:crypto';
import type { Server } from 'node:http';
import { FRAME_BYTES_MAX } from './bytes/frame.ts';
import { CLUSTER_NAME_BYTES_MAX, HELLO_BYTES_MAX } from './bytes/hello.ts';
import { systemTransportClock, type TransportClock } from './clock.ts';
import { JOINING_DIGEST } from './refusal.ts';
import { guarded, type TransportNotice } from './notice.ts';

/** A WebSocket URL, or who says it before each attempt; `null` while it is not known. Names are resolved each time. */
export type PeerUrl = string | (() => string | null);

/** Where the peers of this node find it. */
export type Listen =
  /** A server of its own. Port 0 is any that is free. */
  | { readonly host: string; readonly port: number }
  /** The host's server, which the host starts and closes. Upgrades that do not ask for this protocol are left to it. */
  | { readonly server: Server };

/** Times in milliseconds, sizes in bytes. */
export interface TransportLimits {
  /** The longest frame, either way; equal on all nodes, and longer than any entry; 80 MiB. */
  readonly frameBytesMax: number;
  /** What may wait for a peer to read; beyond that its frames are lost, and Raft repeats them; 16 MiB. */
  readonly queueBytesMax: number;
  /** How long a handshake may take; 2,000. */
  readonly handshakeMs: number;
  /**
   * After this, and at most a third more, a peer that is silent, or one whose queue stays full, is disconnected; 3,000.
   * Longer than the longest election timeout, or a slow network looks like a broken one (R13): a node refuses to start
   * with less.
   */
  readonly silenceMsMax: number;
  /** How long a peer whose connection broke has to show that its process lives; 100 (R13). */
  readonly redialMs: number;
  /** The wait before an attempt to reach a peer: the first is at most this, and each doubles it …; 50. */
  readonly backOffMsMin: number;
  /** … up to this; 2,000. */
  readonly backOffMsMax: number;
  /** Connections at once that have not yet said who they are; 64. */
  readonly strangersMax: number;
  /** Nodes of this cluster at once that the configuration here does not name, and that are heard all the same (R24); 64. */
  readonly unnamedPeersMax: number;
  /** What of a snapshot may wait for its receiver, on either side, and a frame or two beyond it; 1 MiB. */
  readonly snapshotBufferBytesMax: number;
  /**
   * After this, and at most a third more, a snapshot ends of which nothing moves: the sender's content gives nothing, the
   * receiver takes nothing, or a receiver that has read all shows no life; alike on all nodes; 10,000.
   */
  readonly snapshotSilenceMsMax: number;
  /** Snapshots that come in at once, of each peer one at most; others are refused; 4. */
  readonly incomingSnapshotsMax: number;
  /**
   * After a notice of a stranger, or of a hello that was refused, others of its kind are only counted for so long, and
   * then told together: whoever scans ports cannot fill a log; 10,000.
   */
  readonly noticePauseMs: number;
}

/** Who this node is, where it listens and where its peers do. */
export interface WebSocketTransportOptions {
  /** As the configuration names this node. */
  readonly id: NodeId;
  /** The name, or token, that all members of one cluster are started with. */
  readonly cluster: string;
  /**
   * The members that the cluster began with; none where this node is to join one. It and the name count only until both
   * sides know the cluster's id (R27).
   */
  readonly configuration: Configuration;
  /** Where peers reach this node; port 0 is any that is free. */
  readonly listen: Listen;
  /**
   * Other nodes, and where each is: those that the cluster began with, or of a node that is to join, those that there are.
   * Where members are that come later, the configuration says, unless they are named here too.
   */
  readonly peers: ReadonlyMap<NodeId, PeerUrl>;
  /** Sizes and times, each with its default. */
  readonly limits?: Partial<TransportLimits>;
  /** What time is read from and waited by; the machine's unless given. */
  readonly clock?: TransportClock;
  /** From 0 to below 1; `Math.random` unless given. */
  readonly random?: () => number;
  /** What an operator may want to know. */
  readonly onNotice?: (notice: TransportNotice) => void;
}

export interface CompleteOptions extends Required<Omit<WebSocketTransportOptions, 'limits'>> {
  readonly limits: TransportLimits;
  readonly configurationDigest: Uint8Array;
}

const DEFAULTS: TransportLimits = {
  frameBytesMax: FRAME_BYTES_MAX,
  queueBytesMax: 16 * 1024 * 1024,
  handshakeMs: 2000,
  silenceMsMax: 3000,
  redialMs: 100,
  backOffMsMin: 50,
  backOffMsMax: 2000,
  strangersMax: 64,
  unnamedPeersMax: 64,
  snapshotBufferBytesMax: 1024 * 1024,
  snapshotSilenceMsMax: 10_000,
  incomingSnapshotsMax: 4,
  noticePauseMs: 10_000,
};

/** @throws {OptionsError} naming the option that makes no sense. */
export function completeOptions(options: WebSocketTransportOptions): CompleteOptions {
  const limits = { ...DEFAULTS, ...options.limits };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new OptionsError(`${name} must be an integer of at least 1, not ${value}`);
    }
  }
  if (limits.frameBytesMax < HELLO_BYTES_MAX) {
    throw new OptionsError(`frameBytesMax must be at least ${HELLO_BYTES_MAX}, not ${limits.frameBytesMax}`);
  }
  if (limits.backOffMsMax < limits.backOffMsMin) {
    throw new OptionsError('backOffMsMax must not be below backOffMsMin');
  }
  checkText('cluster', options.cluster, CLUSTER_NAME_BYTES_MAX);
  checkText('id', options.id, NODE_ID_BYTES_MAX);
  for (const peer of options.peers.keys()) checkText('the id of a peer', peer, NODE_ID_BYTES_MAX);
  return {
    ...options,
    limits,
    configurationDigest: digestOf(options.configuration),
    clock: options.clock ?? systemTransportClock(),
    random: options.random ?? Math.random,
    onNotice: guarded(options.onNotice ?? (() => {})),
  };
}

function checkText(what: string, text: string, bytesMax: number): void {
  if (Buffer.byteLength(text) <= bytesMax && !/\p{Surrogate}/u.test(text)) return;
  throw new OptionsError(
    `${what} must be well-formed text of at most ${bytesMax} bytes, not ${JSON.stringify(text)}`,
  );
}

function digestOf(configuration: Configuration): Uint8Array {
  if (membersOf(configuration).length === 0) return JOINING_DIGEST;
  const writer = new ByteWriter();
  writeConfiguration(writer, configuration);
  return createHash('sha256').update(writer.finish()).digest();
}
