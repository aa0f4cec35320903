/** What a transport has done since it was made. */

export interface TransportMetrics {
  /** Peers connected now. */
  readonly connectedPeers: number;
  /** What waits now for peers to read it. */
  readonly queuedBytes: number;
  /** Since the start, to all peers. */
  readonly framesSent: number;
  /** Of those frames, without what WebSocket adds. */
  readonly bytesSent: number;
  /** Since the start, from all peers. */
  readonly framesReceived: number;
  /** Of those frames, without what WebSocket adds. */
  readonly bytesReceived: number;
  /** Calls of `send` whose messages were lost: no connection, a full queue, or a message that fits in no frame. */
  readonly sendsDropped: number;
  /** Attempts to reach a peer. */
  readonly dials: number;
}

export type Counters = {
  -readonly [Name in Exclude<keyof TransportMetrics, 'connectedPeers' | 'queuedBytes'>]: number;
};

export function newCounters(): Counters {
  return { framesSent: 0, bytesSent: 0, framesReceived: 0, bytesReceived: 0, sendsDropped: 0, dials: 0 };
}
