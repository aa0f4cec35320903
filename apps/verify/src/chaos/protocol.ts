/** What a member's process and the one that attacks it say to each other. */

import type { Message, NodeId } from '@raftkv/core';
import type { Greeting, NodeStatus, RequestOutcome } from '@raftkv/runtime';

/** From the attacker to a member. */
export type Order =
  /** Another member is there; what this one's greeting should be is asked for with `greet`. */
  | { readonly kind: 'greet'; readonly peer: NodeId }
  | { readonly kind: 'connected'; readonly peer: NodeId; readonly greeting: Greeting }
  | { readonly kind: 'disconnected'; readonly peer: NodeId }
  | { readonly kind: 'frame'; readonly from: NodeId; readonly messages: readonly Message[] }
  | { readonly kind: 'propose'; readonly command: number; readonly bytes: number }
  | { readonly kind: 'report' }
  | { readonly kind: 'close' };

/** From a member to the attacker. */
export type Word =
  /** It has loaded its log, and may be connected. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'greeting'; readonly peer: NodeId; readonly greeting: Greeting }
  | { readonly kind: 'frame'; readonly to: NodeId; readonly messages: readonly Message[] }
  | { readonly kind: 'status'; readonly status: NodeStatus }
  | { readonly kind: 'applied'; readonly command: number; readonly index: number }
  | { readonly kind: 'refused'; readonly command: number; readonly outcome: RequestOutcome }
  | { readonly kind: 'report'; readonly status: NodeStatus; readonly commands: readonly [number, number][] }
  | { readonly kind: 'failed'; readonly error: string };

/** Processes speak in structured clones: bytes stay bytes. */
export const SERIALIZATION = 'advanced';
