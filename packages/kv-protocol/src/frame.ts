/**
 * A frame of the WebSocket: what one side has to say to the other in one turn of its event loop, one message after
 * another. A frame costs both sides far more than a message, so that many messages in one are the cheap way to be busy.
 */

import { ByteReader, ByteWriter, DecodeError } from '@raftkv/codec';
import { FRAME_BYTES_MAX, FRAME_MESSAGES_MAX } from './limits.ts';

/** Memory to begin a frame with; most are as long as the one before. */
const SIZE_HINT_MIN = 64;
const SIZE_HINT_MAX = 64 * 1024;

/** Gathers messages until the turn is over, which the owner knows. One for each connection. */
export class FrameWriter<Message> {
  private readonly write: (writer: ByteWriter, message: Message) => void;
  private readonly send: (frame: Uint8Array<ArrayBuffer>) => void;
  /** `null` while nothing waits: a silent connection holds no memory. */
  private writer: ByteWriter | null = null;
  private count = 0;
  private sizeHint = SIZE_HINT_MIN;

  /** `send` is given each frame, and may keep it: its memory is not used again. */
  constructor(
    write: (writer: ByteWriter, message: Message) => void,
    send: (frame: Uint8Array<ArrayBuffer>) => void,
  ) {
    this.write = write;
    this.send = send;
  }

  /** Bytes that wait for the end of the turn. */
  get bytes(): number {
    return this.writer?.length ?? 0;
  }

  /**
   * Puts `message` behind those that wait. What is more than one frame may hold is sent at once.
   *
   * @throws {EncodeError} if `message` has a field beyond its limit; the others still wait.
   */
  add(message: Message): void {
    const writer = (this.writer ??= new ByteWriter(this.sizeHint));
    const start = writer.length;
    try {
      this.write(writer, message);
    } catch (error) {
      writer.cut(start);
      throw error;
    }
    if (writer.length > FRAME_BYTES_MAX && start > 0) this.split(writer, start);
    this.count += 1;
    if (this.count === FRAME_MESSAGES_MAX) this.flush();
  }

  /** The turn is over: sends what waits, if anything does. */
  flush(): void {
    if (this.writer === null) return;
    const frame = this.writer.take();
    this.writer = null;
    this.count = 0;
    // A little more than the last: of two alike, the second should not have to grow.
    this.sizeHint = Math.min(Math.max(Math.ceil(frame.length * 1.25), SIZE_HINT_MIN), SIZE_HINT_MAX);
    if (frame.length > 0) this.send(frame);
  }

  /** The last message, which begins at `start`, is one too many. */
  private split(writer: ByteWriter, start: number): void {
    const all = writer.take();
    this.writer = new ByteWriter(all.length - start).raw(all.subarray(start));
    this.count = 0;
    this.send(all.subarray(0, start));
  }
}

/** All messages of a frame, at least one. @throws {DecodeError} */
export function readFrame<Message>(bytes: Uint8Array, read: (reader: ByteReader) => Message): Message[] {
  if (bytes.length > FRAME_BYTES_MAX) {
    throw new DecodeError(`a frame of ${bytes.length} bytes, more than ${FRAME_BYTES_MAX},`, 0);
  }
  const reader = new ByteReader(bytes);
  const messages: Message[] = [];
  do {
    if (messages.length === FRAME_MESSAGES_MAX) {
      throw new DecodeError(`a frame of more than ${FRAME_MESSAGES_MAX} messages`, reader.offset);
    }
    messages.push(read(reader));
  } while (reader.remaining > 0);
  return messages;
}
