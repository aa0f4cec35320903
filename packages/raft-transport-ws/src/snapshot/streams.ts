/**
 * The snapshots under way to and from peers, each on a connection of its own, so that no heartbeat waits behind one. Such a
 * connection says nothing about the peer: it is neither connected by it nor alive, nor gone when it ends (R13).
 */

import type { NodeId } from '@raftkv/core';
import { encodeReceiverFrame, PIECE_BYTES_MAX, PIECE_FRAME_BYTES } from '../bytes/snapshot-frame.ts';
import type { Channel } from '../channel.ts';
import type { TransportClock } from '../clock.ts';
import type { Dial, DialResult } from '../dial.ts';
import type { SnapshotEndedError } from '../errors.ts';
import type { Counters } from '../metrics.ts';
import type { Notify } from '../notice.ts';
import type { TransportLimits } from '../options.ts';
import { SnapshotReceiving } from './receiving.ts';
import { SnapshotSending, type Sending } from './sending.ts';
import { NORMAL } from './stream.ts';

export interface SnapshotStreamsHost {
  readonly clock: TransportClock;
  readonly limits: TransportLimits;
  readonly counters: Counters;
  readonly notify: Notify;
  dial(peer: NodeId, done: (result: DialResult) => void): Dial;
  onSnapshot(from: NodeId, head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void>;
}

type Direction = 'to-peer' | 'from-peer';

const REPLACING = 'a later snapshot is in the place of this one';
const STOPPING = 'this node stops';

export class SnapshotStreams {
  private readonly host: SnapshotStreamsHost;
  private readonly sendings = new Map<NodeId, SnapshotSending>();
  private readonly receivings = new Map<NodeId, SnapshotReceiving>();
  private isClosed = false;

  constructor(host: SnapshotStreamsHost) {
    this.host = host;
  }

  /** Those under way, both ways. */
  get count(): number {
    return this.sendings.size + this.receivings.size;
  }

  /** What waits on this side, for a socket or for the node. */
  get queuedBytes(): number {
    const streams = [...this.sendings.values(), ...this.receivings.values()];
    return streams.reduce((total, { queuedBytes }) => total + queuedBytes, 0);
  }

  /** The one before to the same peer ends. */
  send(to: NodeId, sending: Sending, isConnected: boolean): void {
    const { clock, limits, counters } = this.host;
    const stream: SnapshotSending = new SnapshotSending(to, sending, {
      clock,
      limits,
      counters,
      pieceBytesMax: Math.min(PIECE_BYTES_MAX, limits.frameBytesMax - PIECE_FRAME_BYTES),
      dial: (peer, done) => this.dial(peer, done),
      onOver: (error, address) => {
        forget(this.sendings, to, stream);
        if (error !== null) this.tell(error, 'to-peer', address);
      },
    });
    if (this.isClosed) return stream.end('closed', STOPPING);
    if (!isConnected) return stream.end('not-connected', 'there is no connection for messages');
    this.sendings.get(to)?.end('replaced', REPLACING);
    this.sendings.set(to, stream);
    stream.start();
  }

  /** A peer that was greeted has one to send. Of one peer the newer wins: what it began before, it has given up. */
  receive(from: NodeId, channel: Channel): void {
    const { clock, limits, counters } = this.host;
    this.receivings.get(from)?.end('replaced', REPLACING);
    if (this.receivings.size >= limits.incomingSnapshotsMax) return refuse(channel, this.receivings.size);
    const stream: SnapshotReceiving = new SnapshotReceiving(from, channel, {
      clock,
      limits,
      counters,
      onSnapshot: (head, content) => this.host.onSnapshot(from, head, content),
      onOver: (error, address) => {
        forget(this.receivings, from, stream);
        if (error !== null) this.tell(error, 'from-peer', address);
      },
    });
    this.receivings.set(from, stream);
  }

  close(): void {
    this.isClosed = true;
    const streams = [...this.sendings.values(), ...this.receivings.values()];
    for (const stream of streams) stream.end('closed', STOPPING);
  }

  private dial(peer: NodeId, done: (result: DialResult) => void): Dial {
    return this.host.dial(peer, (result) => {
      if (result.kind === 'refused') {
        const { by, address, refusal } = result;
        const { kind, reason } = refusal;
        // One for each attempt, and how often those come the node decides: none is left out.
        this.host.notify({ kind: 'refused', by, peer, address, refusal: kind, reason, untold: 0 });
      }
      done(result);
    });
  }

  private tell({ peer, why, reason }: SnapshotEndedError, direction: Direction, address: string): void {
    // As with connections, nothing is told of what this node ends by stopping.
    if (why === 'closed') return;
    if (why === 'bad-frame') return this.host.notify({ kind: 'bad-frame', peer, address, reason });
    this.host.notify({ kind: 'snapshot-ended', peer, direction, why, reason });
  }
}

/** The one that has ended may have another in its place. */
function forget<Stream>(streams: Map<NodeId, Stream>, peer: NodeId, stream: Stream): void {
  if (streams.get(peer) === stream) streams.delete(peer);
}

function refuse(channel: Channel, count: number): void {
  const reason = `${count} snapshots come in already: try again when one of them has ended`;
  channel.send(encodeReceiverFrame({ kind: 'refused', reason }));
  channel.close(NORMAL, 'refused');
}
