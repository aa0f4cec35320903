/**
 * The frames of a snapshot's own connection, after the hellos. To the receiver: the head in parts, the content in pieces, and
 * how much that was. To the sender: how much was taken, and what came of it. No two frames have one first byte, so that who
 * is taken for the other side is noticed.
 */

import { ByteReader, ByteWriter, DecodeError } from '@raftkv/codec';

/** The most of a head, or of a content, in one frame. */
export const PIECE_BYTES_MAX: number = 64 * 1024;

/** The longest reason of a refusal, in bytes of UTF-8. */
export const REASON_BYTES_MAX = 1024;

/** What a frame has beside a piece: its kind. */
export const PIECE_FRAME_BYTES = 1;

export type SenderFrame =
  | { readonly kind: 'head'; readonly isLast: boolean; readonly bytes: Uint8Array }
  | { readonly kind: 'content'; readonly bytes: Uint8Array }
  /** Nothing comes after it. */
  | { readonly kind: 'end'; readonly contentBytes: number };

export type ReceiverFrame =
  /** So much of the content was taken by now; also a sign of life of one that is at work. */
  | { readonly kind: 'taken'; readonly contentBytes: number }
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused'; readonly reason: string };

const KINDS = { head: 1, lastOfHead: 2, content: 3, end: 4, taken: 5, delivered: 6, refused: 7 } as const;

/** A copy: who gave the bytes may use their memory again. @throws {EncodeError} */
export function encodeSenderFrame(frame: SenderFrame): Uint8Array {
  switch (frame.kind) {
    case 'head':
      return pieceFrame(frame.isLast ? KINDS.lastOfHead : KINDS.head, frame.bytes);
    case 'content':
      return pieceFrame(KINDS.content, frame.bytes);
    case 'end':
      return new ByteWriter().byte(KINDS.end).counter(frame.contentBytes).finish();
  }
}

/** The bytes of a piece are a copy of their own: what comes from a socket is part of something longer. @throws {DecodeError} */
export function decodeSenderFrame(bytes: Uint8Array): SenderFrame {
  const reader = new ByteReader(bytes);
  const kind = reader.byte();
  switch (kind) {
    case KINDS.head:
      return { kind: 'head', isLast: false, bytes: readPiece(reader, 1) };
    case KINDS.lastOfHead:
      return { kind: 'head', isLast: true, bytes: readPiece(reader, 0) };
    case KINDS.content:
      return { kind: 'content', bytes: readPiece(reader, 1) };
    case KINDS.end: {
      const frame = { kind: 'end', contentBytes: reader.counter() } as const;
      reader.end();
      return frame;
    }
    default:
      throw new DecodeError(`an unknown kind of frame to a receiver of a snapshot, ${kind}`, 0);
  }
}

/** @throws {EncodeError} if a reason is longer than it may be, or no well-formed text. */
export function encodeReceiverFrame(frame: ReceiverFrame): Uint8Array {
  const writer = new ByteWriter().byte(KINDS[frame.kind]);
  if (frame.kind === 'taken') writer.counter(frame.contentBytes);
  if (frame.kind === 'refused') writer.text(frame.reason, REASON_BYTES_MAX);
  return writer.finish();
}

/** @throws {DecodeError} */
export function decodeReceiverFrame(bytes: Uint8Array): ReceiverFrame {
  const reader = new ByteReader(bytes);
  const frame = readReceiverFrame(reader);
  reader.end();
  return frame;
}

function readReceiverFrame(reader: ByteReader): ReceiverFrame {
  const kind = reader.byte();
  switch (kind) {
    case KINDS.taken:
      return { kind: 'taken', contentBytes: reader.counter() };
    case KINDS.delivered:
      return { kind: 'delivered' };
    case KINDS.refused:
      return { kind: 'refused', reason: reader.text(REASON_BYTES_MAX) };
    default:
      throw new DecodeError(`an unknown kind of frame to a sender of a snapshot, ${kind}`, 0);
  }
}

function pieceFrame(kind: number, bytes: Uint8Array): Uint8Array {
  return new ByteWriter(PIECE_FRAME_BYTES + bytes.length).byte(kind).raw(bytes).take();
}

/** The rest. */
function readPiece(reader: ByteReader, bytesMin: number): Uint8Array {
  const { remaining } = reader;
  if (remaining < bytesMin || remaining > PIECE_BYTES_MAX) {
    throw new DecodeError(`a piece of ${remaining} bytes`, PIECE_FRAME_BYTES);
  }
  return reader.raw(remaining);
}
