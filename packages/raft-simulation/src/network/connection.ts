/** Two ends, and what each was told about the other. */

import type { NodeId } from '@raftkv/core';
import type { TransportEvents } from '@raftkv/runtime';
import type { Life } from '../process/life.ts';

/** One start of one node, as the network sees it. */
export interface Endpoint {
  readonly id: NodeId;
  readonly life: Life;
  readonly events: TransportEvents;
  /** By peer: the connection that it was told of, and not of its end. */
  readonly told: Map<NodeId, Connection>;
  isOpen: boolean;
}

export interface Connection {
  readonly ends: readonly [Endpoint, Endpoint];
  isOpen: boolean;
}

/** What one end learns of the end of a connection; `null` where it never does. */
export type Notice = { readonly afterMs: number; readonly processGone: boolean } | null;

export function otherEnd({ ends: [one, other] }: Connection, endpoint: Endpoint): Endpoint {
  return one === endpoint ? other : one;
}
