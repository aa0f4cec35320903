/**
 * Sockets in Node: `ws`, on every version, also on those with a `WebSocket` of their own. So all versions behave alike,
 * and a message that is too long is refused before it fills the memory.
 */

import { FRAME_BYTES_MAX } from '@raftkv/kv-protocol';
import { WebSocket } from 'ws';
import type { ClientSocket, SocketFactory } from './socket.ts';

const OPTIONS = {
  perMessageDeflate: false,
  maxPayload: FRAME_BYTES_MAX,
  // A node that does not answer a close must not keep the process from its end.
  closeTimeout: 500,
};

export const nodeSocket: SocketFactory = (url, subprotocol): ClientSocket =>
  new WebSocket(url, subprotocol, OPTIONS);
