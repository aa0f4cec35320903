/** A client's connection and the WebSocket of `ws` that carries it. */

import type { ClientConnection, ServerSocket } from '@raftkv/kv-service';
import type { RawData, WebSocket } from 'ws';

/** The socket as a connection uses it. */
export function socketOf(webSocket: WebSocket): ServerSocket {
  return {
    get isOpen() {
      return webSocket.readyState === webSocket.OPEN;
    },
    get bufferedAmount() {
      return webSocket.bufferedAmount;
    },
    send: (frame) => webSocket.send(frame),
    ping: () => webSocket.ping(),
    close: (code, reason) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  };
}

/** Tells `connection` what comes from its socket. */
export function wire(webSocket: WebSocket, connection: ClientConnection): void {
  webSocket.on('message', (data, isBinary) => connection.onFrame(bytesOf(data), isBinary));
  webSocket.on('pong', () => connection.onPong());
  // Garbage below the messages: the socket closes itself with the code of what was wrong, 1009 for an oversized frame.
  webSocket.on('error', (error) => connection.onClosed(error.message));
  webSocket.on('close', () => connection.onClosed(null));
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
