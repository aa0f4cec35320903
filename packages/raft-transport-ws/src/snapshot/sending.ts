/**
 * A snapshot on its way to a peer: no faster than the socket takes it, and over when the receiver says what came of it, or
 * when nothing has moved for too long.
 */

import { DecodeError, EncodeError } from '@raftkv/codec';
import type { NodeId } from '@raftkv/core';
import { SNAPSHOT_HEAD_BYTES_MAX } from '@raftkv/runtime';
import { decodeReceiverFrame, encodeSenderFrame, type SenderFrame } from '../bytes/snapshot-frame.ts';
import type { Channel, ChannelEnd } from '../channel.ts';
import type { Dial, DialResult } from '../dial.ts';
import { SnapshotEndedError, type SnapshotEnd } from '../errors.ts';
import { reasonOf } from '../reason.ts';
import { partsOf } from './parts.ts';
import { Silence } from './silence.ts';
import { BAD_FRAME, CONTENT_FAILED, endOfStream, NORMAL, REPLACED, type StreamHost } from './stream.ts';

export interface Sending {
  readonly head: Uint8Array;
  readonly content: AsyncIterable<Uint8Array>;
  readonly done: (error: Error | null) => void;
}

export interface SendingHost extends StreamHost {
  readonly pieceBytesMax: number;
  dial(peer: NodeId, done: (result: DialResult) => void): Dial;
}

export class SnapshotSending {
  private readonly peer: NodeId;
  private readonly sending: Sending;
  private readonly host: SendingHost;
  private readonly source: AsyncIterator<Uint8Array>;
  private dial: Dial | null = null;
  private channel: Channel | null = null;
  private silence: Silence | null = null;
  private sentBytes = 0;
  /** The source has said that it has nothing more, or failed: it has let go by itself. */
  private isSourceOver = false;
  private isOver = false;
  private wake: () => void = () => {};

  constructor(peer: NodeId, sending: Sending, host: SendingHost) {
    this.peer = peer;
    this.sending = sending;
    this.host = host;
    this.source = sending.content[Symbol.asyncIterator]();
  }

  get queuedBytes(): number {
    return this.channel?.queuedBytes ?? 0;
  }

  start(): void {
    this.dial = this.host.dial(this.peer, (result) => this.onDialed(result));
  }

  /** Ends it before its end. */
  end(why: SnapshotEnd, reason: string): void {
    this.channel?.close(why === 'replaced' ? REPLACED : NORMAL, reason);
    this.finish(this.errorOf(why, reason));
  }

  private onDialed(result: DialResult): void {
    this.dial = null;
    switch (result.kind) {
      case 'answered':
        return this.begin(result.channel);
      case 'refused':
        return this.finish(this.errorOf('unreachable', result.refusal.reason));
      case 'failed':
        return this.finish(this.errorOf('unreachable', result.reason));
      case 'unaddressed':
        return this.finish(this.errorOf('unreachable', 'its address is not known'));
    }
  }

  private begin(channel: Channel): void {
    const { clock, limits } = this.host;
    this.channel = channel;
    channel.use({ onFrame: (bytes) => this.onFrame(bytes), onEnd: (end) => this.onChannelEnd(end) });
    this.silence = new Silence(clock, limits.snapshotSilenceMsMax, {
      onLook: () => {},
      onSilent: () => {
        channel.cut();
        this.finish(this.errorOf('silent', `nothing has moved for ${limits.snapshotSilenceMsMax} ms`));
      },
    });
    this.pump(channel).catch((error: unknown) => {
      const reason = reasonOf(error);
      channel.close(CONTENT_FAILED, reason);
      this.finish(this.errorOf('content-failed', reason, { cause: error }));
    });
  }

  /** Head, content and end, as far as there is room. */
  private async pump(channel: Channel): Promise<void> {
    const { pieceBytesMax } = this.host;
    const { head } = this.sending;
    if (head.length > SNAPSHOT_HEAD_BYTES_MAX) throw new EncodeError(`a head of ${head.length} bytes`);
    for (const { bytes, isLast } of partsOf(head, pieceBytesMax)) {
      await this.put(channel, { kind: 'head', isLast, bytes });
    }
    while (!this.isOver) {
      const piece = await this.nextPiece();
      if (piece === null) return this.put(channel, { kind: 'end', contentBytes: this.sentBytes });
      if (piece.length > 0) await this.putContent(channel, piece);
    }
  }

  private async putContent(channel: Channel, piece: Uint8Array): Promise<void> {
    for (const { bytes } of partsOf(piece, this.host.pieceBytesMax)) {
      if (this.isOver) return;
      this.sentBytes += bytes.length;
      this.host.counters.snapshotBytesSent += bytes.length;
      await this.put(channel, { kind: 'content', bytes });
    }
  }

  private async nextPiece(): Promise<Uint8Array | null> {
    try {
      const result = await this.source.next();
      if (result.done !== true) return result.value;
    } catch (error) {
      this.isSourceOver = true;
      throw error;
    }
    this.isSourceOver = true;
    return null;
  }

  /** Resolves when there is room for more, or it is over. */
  private async put(channel: Channel, frame: SenderFrame): Promise<void> {
    if (this.isOver) return;
    channel.send(encodeSenderFrame(frame), () => {
      this.silence?.moved();
      this.wake();
    });
    // A system that takes all at once, and a content that is there, would let nothing else happen in this process.
    await new Promise(setImmediate);
    while (!this.isOver && channel.queuedBytes > this.host.limits.snapshotBufferBytesMax) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  private onFrame(bytes: Uint8Array): void {
    try {
      this.hear(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.channel?.close(BAD_FRAME, error.message);
      this.finish(this.errorOf('bad-frame', error.message));
    }
  }

  /** @throws {DecodeError} */
  private hear(bytes: Uint8Array): void {
    const frame = decodeReceiverFrame(bytes);
    switch (frame.kind) {
      case 'taken':
        if (frame.contentBytes > this.sentBytes) throw new DecodeError('more was taken than was sent', 1);
        return this.silence?.moved();
      case 'delivered':
        this.channel?.close(NORMAL, 'delivered');
        return this.finish(null);
      case 'refused':
        this.channel?.close(NORMAL, 'refused');
        return this.finish(this.errorOf('refused', frame.reason));
    }
  }

  private onChannelEnd(end: ChannelEnd): void {
    const { why, reason } = endOfStream(end);
    this.finish(this.errorOf(why, reason));
  }

  private errorOf(why: SnapshotEnd, reason: string, options?: ErrorOptions): SnapshotEndedError {
    return new SnapshotEndedError(this.peer, why, reason, options);
  }

  /** The channel has been dealt with, or is gone. */
  private finish(error: SnapshotEndedError | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.dial?.abort();
    this.silence?.stop();
    this.wake();
    this.letGo();
    this.host.onOver(error, this.channel?.address ?? '');
    this.channel = null;
    queueMicrotask(() => this.sending.done(error));
  }

  /** Whatever the content holds, such as a file, is to be closed; what fails then was given up already. */
  private letGo(): void {
    if (this.isSourceOver) return;
    this.isSourceOver = true;
    const letGo = async (): Promise<unknown> => this.source.return?.();
    letGo().catch(() => {});
  }
}
