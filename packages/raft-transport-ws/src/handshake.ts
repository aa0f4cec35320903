/** The first frame of a connection, on either side. */

import { DecodeError } from '@raftkv/codec';
import { decodeHello, HELLO_BYTES_MAX, type Hello } from './bytes/hello.ts';
import type { Channel, ChannelEnd } from './channel.ts';
import { CLOSE_CODES, otherVersion, type Refusal } from './refusal.ts';

/** A hello frame with the frames around it: its own head, and a ping. */
const FIRST_BYTES_MAX: number = HELLO_BYTES_MAX + 256;

export interface HelloListener {
  onHello(hello: Hello): void;
  /** What came is none. */
  onRefusal(refusal: Refusal): void;
  onEnd(end: ChannelEnd): void;
}

/** Calls one of the three, once. Until someone else uses the channel, further frames are lost. */
export function hearHello(channel: Channel, listener: HelloListener): void {
  channel.limit(FIRST_BYTES_MAX);
  channel.use({
    onFrame: (bytes) => {
      channel.unlimit();
      channel.use({ onFrame: () => {}, onEnd: () => {} });
      const heard = understand(bytes);
      if (heard.kind === 'hello') listener.onHello(heard.hello);
      else listener.onRefusal(heard.refusal);
    },
    onEnd: (end) => listener.onEnd(end),
  });
}

export function refuse(channel: Channel, { kind, reason }: Refusal): void {
  channel.close(CLOSE_CODES[kind], reason);
}

type Understood =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'refusal'; readonly refusal: Refusal };

function understand(bytes: Uint8Array): Understood {
  try {
    const heard = decodeHello(bytes);
    if (heard.kind === 'hello') return heard;
    return { kind: 'refusal', refusal: otherVersion(heard.version) };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { kind: 'refusal', refusal: { kind: 'not-a-hello', reason: `no hello: ${error.message}` } };
  }
}
