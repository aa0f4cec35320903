/**
 * A connection after its handshake: frames both ways, a bound on what waits, and an end where the other side is silent or
 * does not read.
 */

import { DecodeError } from '@raftkv/codec';
import type { Message } from '@raftkv/core';
import type { Greeting } from '@raftkv/runtime';
import { decodeFrame } from './bytes/frame.ts';
import type { Channel, ChannelEnd } from './channel.ts';
import type { Cancel, TransportClock } from './clock.ts';
import type { Counters } from './metrics.ts';
import { reasonOfClose } from './reason.ts';

/** A limit in time is counted in so many looks: after a stall of this process one look is late, and not all of them. */
const LOOKS = 3;

/** A close code of ours: a frame that no peer sends. */
const BAD_FRAME = 4410;

export interface ConnectionLimits {
  readonly queueBytesMax: number;
  readonly silenceMsMax: number;
}

export type ConnectionEnd =
  | { readonly kind: 'bad-frame'; readonly reason: string }
  | { readonly kind: 'silent' }
  | { readonly kind: 'not-reading' }
  /** Not by this side. */
  | { readonly kind: 'closed'; readonly reason: string };

export interface ConnectionUser {
  onMessages(messages: readonly Message[]): void;
  /** Once, after all messages; not where `drop` came first. */
  onEnd(end: ConnectionEnd): void;
}

export class Connection {
  readonly greeting: Greeting;
  private readonly channel: Channel;
  private readonly clock: TransportClock;
  private readonly limits: ConnectionLimits;
  private readonly user: ConnectionUser;
  private readonly counters: Counters;
  private stopLooking: Cancel = () => {};
  private bytesSeen = -1;
  private looksSilent = 0;
  private looksFull = 0;
  private looks = 0;

  constructor(
    channel: Channel,
    greeting: Greeting,
    { clock, limits, counters }: { clock: TransportClock; limits: ConnectionLimits; counters: Counters },
    user: ConnectionUser,
  ) {
    this.channel = channel;
    this.greeting = greeting;
    this.clock = clock;
    this.limits = limits;
    this.counters = counters;
    this.user = user;
    channel.use({ onFrame: (bytes) => this.onFrame(bytes), onEnd: (end) => this.onChannelEnd(end) });
    this.lookLater();
  }

  get address(): string {
    return this.channel.address;
  }

  get queuedBytes(): number {
    return this.channel.queuedBytes;
  }

  /** It has held for a while. */
  get isSteady(): boolean {
    return this.looks > 0;
  }

  /** False where so much waits already that the frames are lost. What is taken is at most one call above the limit. */
  send(encode: () => readonly Uint8Array[]): boolean {
    if (this.isFull) return false;
    this.looksFull = 0;
    for (const frame of encode()) {
      this.counters.framesSent += 1;
      this.counters.bytesSent += frame.length;
      this.channel.send(frame);
    }
    return true;
  }

  /** Ends it without a word to its user. */
  drop(code: number, reason: string): void {
    this.stopLooking();
    this.channel.close(code, reason);
  }

  private get isFull(): boolean {
    return this.channel.queuedBytes > this.limits.queueBytesMax;
  }

  private onFrame(bytes: Uint8Array): void {
    this.counters.framesReceived += 1;
    this.counters.bytesReceived += bytes.length;
    let messages: readonly Message[];
    try {
      messages = decodeFrame(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.drop(BAD_FRAME, error.message);
      return this.user.onEnd({ kind: 'bad-frame', reason: error.message });
    }
    this.user.onMessages(messages);
  }

  private onChannelEnd(end: ChannelEnd): void {
    this.stopLooking();
    if (end.kind === 'fault') return this.user.onEnd({ kind: 'bad-frame', reason: end.reason });
    this.user.onEnd({ kind: 'closed', reason: reasonOfClose(end) });
  }

  private lookLater(): void {
    this.stopLooking = this.clock.after(this.limits.silenceMsMax / LOOKS, () => this.look());
  }

  private look(): void {
    this.looks += 1;
    const { bytesRead } = this.channel;
    this.looksSilent = bytesRead > this.bytesSeen ? 0 : this.looksSilent + 1;
    this.bytesSeen = bytesRead;
    this.looksFull = this.isFull ? this.looksFull + 1 : 0;
    if (this.looksSilent >= LOOKS) return this.giveUp({ kind: 'silent' });
    if (this.looksFull > LOOKS) return this.giveUp({ kind: 'not-reading' });
    this.channel.ping();
    this.lookLater();
  }

  private giveUp(end: ConnectionEnd): void {
    this.channel.cut();
    this.user.onEnd(end);
  }
}
