/** Sockets where the platform has them: browsers, and whatever else is not Node. */

import type { ClientSocket, SocketFactory } from './socket.ts';

export const platformSocket: SocketFactory = (url, subprotocol): ClientSocket =>
  new WebSocket(url, subprotocol);
