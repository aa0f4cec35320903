/**
 * A snapshot that comes from a peer: the socket is read as fast as the node takes the content, so that no more than a
 * bounded queue of it is here. The sender hears how far the node is, and what it made of the snapshot.
 */

import { DecodeError } from '@raftkv/codec';
import type { NodeId } from '@raftkv/core';
import { SNAPSHOT_HEAD_BYTES_MAX } from '@raftkv/runtime';
import {
  decodeSenderFrame,
  encodeReceiverFrame,
  REASON_BYTES_MAX,
  type ReceiverFrame,
  type SenderFrame,
} from '../bytes/snapshot-frame.ts';
import type { Channel, ChannelEnd } from '../channel.ts';
import { SnapshotEndedError, type SnapshotEnd } from '../errors.ts';
import { fitting, reasonOf } from '../reason.ts';
import { SnapshotContent } from './content.ts';
import { Silence } from './silence.ts';
import { BAD_FRAME, endOfStream, NORMAL, REPLACED, type StreamHost } from './stream.ts';

export interface ReceivingHost extends StreamHost {
  onSnapshot(head: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void>;
}

export class SnapshotReceiving {
  private readonly peer: NodeId;
  private readonly channel: Channel;
  private readonly host: ReceivingHost;
  private readonly silence: Silence;
  private readonly content: SnapshotContent;
  private readonly head: Uint8Array[] = [];
  private headBytes = 0;
  private comes: 'head' | 'content' | 'nothing' = 'head';
  private receivedBytes = 0;
  private takenBytes = 0;
  private isOver = false;

  constructor(peer: NodeId, channel: Channel, host: ReceivingHost) {
    this.peer = peer;
    this.channel = channel;
    this.host = host;
    this.content = new SnapshotContent((bytes) => this.onTaken(bytes));
    this.silence = new Silence(host.clock, host.limits.snapshotSilenceMsMax, {
      onLook: (hasMoved) => this.onLook(hasMoved),
      onSilent: () => this.onSilent(),
    });
    channel.use({ onFrame: (bytes) => this.onFrame(bytes), onEnd: (end) => this.onChannelEnd(end) });
  }

  get queuedBytes(): number {
    return this.content.queuedBytes;
  }

  /** Ends it before its end. */
  end(why: SnapshotEnd, reason: string): void {
    this.channel.close(why === 'replaced' ? REPLACED : NORMAL, reason);
    this.fail(why, reason);
  }

  private onFrame(bytes: Uint8Array): void {
    try {
      this.hear(decodeSenderFrame(bytes));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.channel.close(BAD_FRAME, error.message);
      this.fail('bad-frame', error.message);
    }
  }

  /** @throws {DecodeError} if it is not its turn, or does not fit to what came before. */
  private hear(frame: SenderFrame): void {
    const expected = frame.kind === 'end' ? 'content' : frame.kind;
    if (expected !== this.comes) throw new DecodeError(`${frame.kind} where ${this.comes} comes`, 0);
    switch (frame.kind) {
      case 'head':
        return this.onHead(frame.bytes, frame.isLast);
      case 'content':
        return this.onContent(frame.bytes);
      case 'end':
        return this.onWhole(frame.contentBytes);
    }
  }

  private onHead(bytes: Uint8Array, isLast: boolean): void {
    this.headBytes += bytes.length;
    if (this.headBytes > SNAPSHOT_HEAD_BYTES_MAX) throw new DecodeError('the head is too long', 0);
    this.silence.moved();
    this.head.push(bytes);
    if (isLast) this.begin();
  }

  private begin(): void {
    this.comes = 'content';
    const head = new Uint8Array(Buffer.concat(this.head.splice(0)));
    // Whatever becomes of the promise, the stream does not wait for it: nor does `close`.
    this.host.onSnapshot(head, this.content).then(
      () => this.answer({ kind: 'delivered' }, null),
      (error: unknown) => {
        const reason = fitting(reasonOf(error), REASON_BYTES_MAX);
        this.answer({ kind: 'refused', reason }, new SnapshotEndedError(this.peer, 'refused', reason));
      },
    );
  }

  private onContent(bytes: Uint8Array): void {
    this.receivedBytes += bytes.length;
    this.host.counters.snapshotBytesReceived += bytes.length;
    this.content.push(bytes);
    const isFull = this.content.queuedBytes > this.host.limits.snapshotBufferBytesMax;
    // One that has read enough will say so; until then the sender need not send the rest.
    if (isFull || this.content.isDone) this.channel.pause();
  }

  private onWhole(contentBytes: number): void {
    if (contentBytes !== this.receivedBytes) {
      throw new DecodeError(`the end of ${contentBytes} bytes after ${this.receivedBytes}`, 1);
    }
    this.comes = 'nothing';
    this.content.end();
  }

  private onTaken(bytes: number): void {
    this.takenBytes += bytes;
    this.silence.moved();
    const { queuedBytes, isDone } = this.content;
    if (!isDone && queuedBytes <= this.host.limits.snapshotBufferBytesMax / 2) this.channel.resume();
  }

  /**
   * The sender sees by what its socket takes that this side reads; but the system may take much at once, and then nothing for
   * long. And a node that has read all may be long at work, such as to sync a disk, which is no silence: it is said here.
   */
  private onLook(hasMoved: boolean): void {
    const isAtWork = this.content.isDone;
    if (isAtWork) this.silence.moved();
    if (isAtWork || hasMoved) this.tell({ kind: 'taken', contentBytes: this.takenBytes });
  }

  private onSilent(): void {
    this.channel.cut();
    this.fail('silent', `nothing has moved for ${this.host.limits.snapshotSilenceMsMax} ms`);
  }

  /** What the node made of it. */
  private answer(frame: ReceiverFrame, error: SnapshotEndedError | null): void {
    if (this.isOver) return;
    this.tell(frame);
    this.channel.close(NORMAL, frame.kind);
    this.finish(error);
  }

  private onChannelEnd(end: ChannelEnd): void {
    const { why, reason } = endOfStream(end);
    this.fail(why, reason);
  }

  private fail(why: SnapshotEnd, reason: string): void {
    this.finish(new SnapshotEndedError(this.peer, why, reason));
  }

  private finish(error: SnapshotEndedError | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.silence.stop();
    this.head.length = 0;
    // A node that has what it wants does not ask for more; if it did, there is no more.
    this.content.fail(error ?? new SnapshotEndedError(this.peer, 'disconnected', 'it was delivered'));
    this.host.onOver(error, this.channel.address);
  }

  private tell(frame: ReceiverFrame): void {
    this.channel.send(encodeReceiverFrame(frame));
  }
}
