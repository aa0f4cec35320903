/** A frame: what one node has to say to another in one turn, as a list of messages. */

import { ByteReader, ByteWriter, DecodeError, EncodeError } from '@raftkv/codec';
import type { Message } from '@raftkv/core';
import { ENTRY_DATA_BYTES_MAX } from '@raftkv/runtime';
import { readMessage, writeMessage } from './message.ts';

/** Messages of one frame. */
export const MESSAGES_MAX = 4096;

/** The longest frame: the longest entry there is, and as much again as the core has under way to one peer. */
export const FRAME_BYTES_MAX: number = ENTRY_DATA_BYTES_MAX + 16 * 1024 * 1024;

const MESSAGE_BYTES = 64;
const ENTRY_HEAD_BYTES = 40;

export class FrameEncoder {
  private readonly bytesMax: number;
  /** What was encoded last in this turn: followers that keep pace are told the same, one right after the other. */
  private last: { readonly messages: readonly Message[]; readonly frames: readonly Uint8Array[] } | null =
    null;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /**
   * One frame, or more where the messages do not fit in one.
   *
   * @throws {EncodeError} if a message alone does not, or has a field that has no bytes.
   */
  encode(messages: readonly Message[]): readonly Uint8Array[] {
    if (this.last !== null && areSame(this.last.messages, messages)) return this.last.frames;
    const frames = this.encodeAnew(messages);
    // Not kept beyond the turn, for it may be long.
    if (this.last === null) queueMicrotask(() => (this.last = null));
    this.last = { messages, frames };
    return frames;
  }

  private encodeAnew(messages: readonly Message[]): readonly Uint8Array[] {
    const frame = frameOf(messages);
    if (messages.length <= MESSAGES_MAX && frame.length <= this.bytesMax) return [frame];
    if (messages.length === 1) {
      throw new EncodeError(`a message of ${frame.length} bytes does not fit in a frame of ${this.bytesMax}`);
    }
    const half = Math.ceil(messages.length / 2);
    return [...this.encodeAnew(messages.slice(0, half)), ...this.encodeAnew(messages.slice(half))];
  }
}

/**
 * The messages, whose entries are parts of one copy of `bytes`: a log keeps those that came together about as long as
 * each other, and one copy costs a fraction of as many as there are entries.
 *
 * @throws {DecodeError}
 */
export function decodeFrame(bytes: Uint8Array): Message[] {
  // Not `slice`, which on a Buffer of Node shares the memory.
  const reader = new ByteReader(new Uint8Array(bytes));
  const count = reader.counterUpTo(MESSAGES_MAX, 'the number of messages');
  if (count === 0) throw new DecodeError('a frame without messages', 0);
  const messages: Message[] = [];
  for (let nth = 0; nth < count; nth += 1) messages.push(readMessage(reader));
  reader.end();
  return messages;
}

function frameOf(messages: readonly Message[]): Uint8Array {
  const size = messages.reduce((total, message) => total + sizeOf(message), MESSAGE_BYTES);
  const writer = new ByteWriter(size).counter(messages.length);
  for (const message of messages) writeMessage(writer, message);
  return writer.take();
}

/** At least what it takes, so that the writer never has to grow. */
function sizeOf(message: Message): number {
  if (message.kind !== 'append') return MESSAGE_BYTES;
  return message.entries.reduce((total, { data }) => total + data.length + ENTRY_HEAD_BYTES, MESSAGE_BYTES);
}

/** In one flush the core gives the same array of entries to all whom it sends the same. */
function areSame(some: readonly Message[], others: readonly Message[]): boolean {
  return some.length === others.length && some.every((one, at) => isSame(one, others[at]));
}

function isSame(one: Message, other: Message | undefined): boolean {
  if (other?.kind !== one.kind) return false;
  return Object.entries(one).every(([field, value]) => Reflect.get(other, field) === value);
}
