/** What an operator wants to know of the peers, and what is no error of this node. */

import type { NodeId } from '@raftkv/core';
import type { SnapshotEnd } from './errors.ts';
import type { RefusalKind } from './refusal.ts';

/** Someone at the port who does not speak the protocol. */
export interface StrangerNotice {
  readonly kind: 'stranger';
  /** Where it came from. */
  readonly address: string;
  /** What was wrong with it, in words. */
  readonly reason: string;
  /** So many others since the last one were not told of: anyone can cause these, so they are paced (`noticePauseMs`). */
  readonly untold: number;
}

/** A handshake came to nothing because the two do not fit; the reason says what to do. */
export interface RefusedNotice {
  readonly kind: 'refused';
  /** Whose decision it was. */
  readonly by: 'this-node' | 'the-peer';
  /** Who it claims to be. */
  readonly peer: NodeId | null;
  /** Of the other side's socket. */
  readonly address: string;
  /** Why, for programs. */
  readonly refusal: RefusalKind;
  /** Why, in words. */
  readonly reason: string;
  /** So many others of this kind, and of this peer if it is one, were not told of since the last one. */
  readonly untold: number;
}

/** What happens at the connections to peers, for logs. */
export type TransportNotice =
  | { readonly kind: 'connected'; readonly peer: NodeId }
  | {
      readonly kind: 'disconnected';
      readonly peer: NodeId;
      readonly processGone: boolean;
      readonly reason: string;
    }
  /** Told once, until the peer was reached or the reason is another; tried again all the while. */
  | { readonly kind: 'unreachable'; readonly peer: NodeId; readonly reason: string }
  | RefusedNotice
  | StrangerNotice
  /** A snapshot was not delivered, or not to this node; the sender's node decides when there is another. */
  | {
      readonly kind: 'snapshot-ended';
      readonly peer: NodeId;
      readonly direction: 'to-peer' | 'from-peer';
      readonly why: SnapshotEnd;
      readonly reason: string;
    }
  /** A peer sent bytes that no peer sends; its connection was closed. */
  | { readonly kind: 'bad-frame'; readonly peer: NodeId; readonly address: string; readonly reason: string }
  /** Frames are lost until the peer has read some of what waits for it; told when it begins. */
  | { readonly kind: 'queue-full'; readonly peer: NodeId; readonly queuedBytes: number }
  /** Nothing was sent: the messages do not fit in a frame, or cannot be said. */
  | { readonly kind: 'unsendable'; readonly peer: NodeId; readonly reason: string };

export type Notify = (notice: TransportNotice) => void;

/**
 * What the host's callback throws is the host's own error: it must not reach the transport, which is in the middle of its
 * work, and must not be swallowed. So it is thrown again from a microtask.
 */
export function guarded(notify: Notify): Notify {
  return (notice) => {
    try {
      notify(notice);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
