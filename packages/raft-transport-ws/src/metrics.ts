/** What a transport has done since it was made. */

export interface TransportMetrics {
  /** Peers connected now. */
  readonly connectedPeers: number;
  /** What waits now for peers to read it. */
  readonly queuedBytes: number;
  /** Snapshots under way now, to peers and from them. */
  readonly snapshotStreams: number;
  /** What of them waits now on this side, for a peer to read it or for the node to take it. */
  readonly snapshotQueuedBytes: number;
  /** Of the content of snapshots, to all peers; no part of the frames and bytes below, which are those of messages. */
  readonly snapshotBytesSent: number;
  /** Of the content of snapshots, from all peers. */
  readonly snapshotBytesReceived: number;
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
  /** Attempts to reach a peer, for messages. */
  readonly dials: number;
}

type Momentary = 'connectedPeers' | 'queuedBytes' | 'snapshotStreams' | 'snapshotQueuedBytes';

export type Counters = {
  -readonly [Name in Exclude<keyof TransportMetrics, Momentary>]: number;
};

export function newCounters(): Counters {
  return {
    snapshotBytesSent: 0,
    snapshotBytesReceived: 0,
    framesSent: 0,
    bytesSent: 0,
    framesReceived: 0,
    bytesReceived: 0,
    sendsDropped: 0,
    dials: 0,
  };
}
