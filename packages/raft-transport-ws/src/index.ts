/** `@raftkv/transport-ws`: the peers of a Raft node over WebSocket. What this package promises, name by name. */

export { WebSocketTransport } from './web-socket-transport.ts';
export type { Listen, PeerUrl, TransportLimits, WebSocketTransportOptions } from './options.ts';
export type { RefusedNotice, StrangerNotice, TransportNotice } from './notice.ts';
export type { RefusalKind } from './refusal.ts';
export type { TransportMetrics } from './metrics.ts';
export type { Cancel, TransportClock } from './clock.ts';
export {
  ListenError,
  SnapshotEndedError,
  TransportClosedError,
  TransportError,
  type SnapshotEnd,
  type TransportErrorCode,
} from './errors.ts';
