/** The port to the peers. */

import type { Message, NodeId } from '@raftkv/core';
import type { Incarnation } from './log-storage.ts';

/** The most that a host may have its node say about itself in a greeting. */
export const ABOUT_BYTES_MAX = 1024;

/** The most that the head of a snapshot takes: its configuration lists every member that there ever was. */
export const SNAPSHOT_HEAD_BYTES_MAX: number = 16 * 1024 * 1024;

/** What two nodes tell each other when they connect, before any message. */
export interface Greeting {
  /** Random at each start of the process: another number is another process (R13). */
  readonly processNumber: number;
  /** Of the sender's directory: another one is another, or an emptied, member (R28). */
  readonly incarnation: Incarnation;
  /** `null` until the entry that carries it is known to be committed (R27). */
  readonly clusterId: Uint8Array | null;
  /** Does the sender's log hold anything? */
  readonly hasLog: boolean;
  /** Did the sender's directory begin without members? Then it joined, or is to join, a cluster that was there (R28). */
  readonly hasJoined: boolean;
  /** Under which incarnation the sender has met the receiver before; `null` if it never has (R28). */
  readonly metAs: Incarnation | null;
  /** What the sender's host says about its node, opaque here; at most `ABOUT_BYTES_MAX`, none where it says nothing. */
  readonly about: Uint8Array;
}

/** One member that a node is to be connected with. */
export interface PeerAddress {
  /** As the configuration names it. */
  readonly id: NodeId;
  /** As it was given when the member was added; `null` where its address is told in another way. */
  readonly address: string | null;
}

/** What a transport tells its node. */
export interface TransportEvents {
  /** What to say to `peer` on a new connection. */
  greetingFor(peer: NodeId): Greeting;
  /** Before any message of that connection. */
  onConnected(peer: NodeId, greeting: Greeting): void;
  /** Messages that arrived together, in order; their bytes are the node's from now on. */
  onReceived(from: NodeId, messages: readonly Message[]): void;
  /**
   * A snapshot comes, apart from messages. Resolves when it is kept and the node was told: only then does the sender hear
   * that it is delivered. A rejection ends the stream, and so does the end of the connection: `content` then throws.
   */
  onSnapshot(from: NodeId, head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void>;
  /**
   * After every message read from that peer, when its last connection is gone. `processGone` only where its process is
   * believed to be, not merely its connection (R13).
   */
  onDisconnected(peer: NodeId, processGone: boolean): void;
}

/**
 * Messages may be lost, repeated or overtaken; they are never changed, and never come from someone else. What waits for
 * a slow peer is bounded: beyond that it is dropped.
 *
 * No event is told before the method that causes it has returned.
 */
export interface Transport {
  /**
   * For how many milliseconds a peer may be silent before this transport disconnects it; absent where it never does for
   * that. A node refuses one that is not longer than its longest election timeout: a slow network would look broken (R13).
   */
  readonly silenceMsMax?: number;
  /**
   * Whom to connect with from now on, before the start too: the members of the configurations in force and committed.
   * Others are not dialed any more; a connection with one stays, since it may have to be told that it was removed (R26).
   * Not called while a node that joins has not been told of any. Absent where a transport connects with whoever is there.
   */
  setPeers?(peers: readonly PeerAddress[]): void;
  /** Begins to connect and to listen. @throws if it cannot. */
  start(events: TransportEvents): Promise<void>;
  /** One call is one frame: all that a node has to say to that peer in a turn. */
  send(to: NodeId, messages: readonly Message[]): void;
  /**
   * Streams a snapshot, as fast as the receiver takes it, without holding up messages. `done(null)` once the receiver's
   * `onSnapshot` has resolved; an error if there is no connection, if it ends, if the receiver refuses, if `content` throws,
   * or if nothing moves for a while. One that follows to the same peer ends the one before. `head` is at most
   * `SNAPSHOT_HEAD_BYTES_MAX`.
   */
  sendSnapshot(
    to: NodeId,
    head: Uint8Array,
    content: AsyncIterable<Uint8Array>,
    done: (error: Error | null) => void,
  ): void;
  /** Closes all connections; no event comes after it. Never throws. */
  close(): Promise<void>;
}
