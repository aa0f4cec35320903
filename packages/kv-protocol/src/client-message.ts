/** What a client says to a node: a hello, then requests, each with a number of its own. */

import { ByteWriter, DecodeError, type ByteReader } from '@raftkv/codec';
import { readPosition, writeNonce, writePosition, type SessionId, type WritePosition } from './command.ts';
import { FrameWriter, readFrame } from './frame.ts';
import { NONCE_BYTES } from './limits.ts';
import { readChange, writeChange, type MembershipChange } from './membership.ts';
import { readOptionalName, writeOptionalName } from './name.ts';
import { readKey, readOperation, writeKey, writeOperation, type Operation } from './operation.ts';

/** The subprotocol of the WebSocket. */
export const CLIENT_SUBPROTOCOL = 'raftkv.client.v1';
/** The version that both hellos name. */
export const PROTOCOL_VERSION = 1;

/** What a read has to see. */
export type Consistency =
  /** Sees every write that was acknowledged before the request. */
  | 'linearizable'
  /** What this node has applied: consistent, and perhaps old. */
  | 'serializable';

/** What a client asks for. */
export type Request =
  | { readonly kind: 'open'; readonly nonce: Uint8Array }
  | { readonly kind: 'end'; readonly session: SessionId }
  | { readonly kind: 'keepAlive'; readonly session: SessionId }
  | { readonly kind: 'write'; readonly position: WritePosition; readonly operation: Operation }
  | { readonly kind: 'get'; readonly key: Uint8Array; readonly consistency: Consistency }
  /** Who takes part: `linearizable` only from the leader, else from any node. */
  | { readonly kind: 'members'; readonly consistency: Consistency }
  | { readonly kind: 'changeMembership'; readonly change: MembershipChange }
  /** To the peer that lacks least, where `target` is null. */
  | { readonly kind: 'transferLeadership'; readonly target: string | null }
  /** What the node that is asked says of itself. */
  | { readonly kind: 'status' };

/** One frame from a client. */
export type ClientMessage =
  /** The first message of a connection, and only that. */
  | { readonly kind: 'hello'; readonly version: number }
  /** `id` comes back in the response; the client does not use it twice on one connection. */
  | { readonly kind: 'request'; readonly id: number; readonly request: Request };

/** The place in these lists is the byte. New ones go to the end. */
const MESSAGES: readonly ClientMessage['kind'][] = ['hello', 'request'];
const REQUESTS: readonly Request['kind'][] = [
  'open',
  'end',
  'keepAlive',
  'write',
  'get',
  'members',
  'changeMembership',
  'transferLeadership',
  'status',
];
const CONSISTENCIES: readonly Consistency[] = ['linearizable', 'serializable'];

/** A frame of this message alone. @throws {EncodeError} if anything is longer than its limit. */
export function encodeClientMessage(message: ClientMessage): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writeMessage(writer, message);
  return writer.finish();
}

/** Puts messages of one turn into one frame, or more where they do not fit. */
export function clientFrameWriter(
  send: (frame: Uint8Array<ArrayBuffer>) => void,
): FrameWriter<ClientMessage> {
  return new FrameWriter(writeMessage, send);
}

/** All messages of a frame, at least one. Keys and values of writes are parts of `bytes`. @throws {DecodeError} */
export function decodeClientFrame(bytes: Uint8Array): ClientMessage[] {
  return readFrame(bytes, readMessage);
}

function writeMessage(writer: ByteWriter, message: ClientMessage): void {
  writer.byte(MESSAGES.indexOf(message.kind));
  if (message.kind === 'hello') writer.counter(message.version);
  else writeRequest(writer.counter(message.id), message.request);
}

function readMessage(reader: ByteReader): ClientMessage {
  const { offset } = reader;
  const kind = MESSAGES[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown kind of message', offset);
  return kind === 'hello'
    ? { kind, version: reader.counter() }
    : { kind, id: reader.counter(), request: readRequest(reader) };
}

function writeRequest(writer: ByteWriter, request: Request): void {
  writer.byte(REQUESTS.indexOf(request.kind));
  switch (request.kind) {
    case 'open':
      return writeNonce(writer, request.nonce);
    case 'end':
    case 'keepAlive':
      writer.counter(request.session);
      return;
    case 'write':
      writePosition(writer, request.position);
      return writeOperation(writer, request.operation);
    case 'get':
      writeKey(writer, request.key);
      return writeConsistency(writer, request.consistency);
    case 'members':
      return writeConsistency(writer, request.consistency);
    case 'changeMembership':
      return writeChange(writer, request.change);
    case 'transferLeadership':
      return writeOptionalName(writer, request.target);
    case 'status':
      return;
    default:
      request satisfies never;
  }
}

function readRequest(reader: ByteReader): Request {
  const { offset } = reader;
  const kind = REQUESTS[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown kind of request', offset);
  switch (kind) {
    case 'open':
      return { kind, nonce: reader.raw(NONCE_BYTES) };
    case 'end':
    case 'keepAlive':
      return { kind, session: reader.counter() };
    case 'write':
      return { kind, position: readPosition(reader), operation: readOperation(reader) };
    case 'get':
      return { kind, key: readKey(reader), consistency: readConsistency(reader) };
    case 'members':
      return { kind, consistency: readConsistency(reader) };
    case 'changeMembership':
      return { kind, change: readChange(reader) };
    case 'transferLeadership':
      return { kind, target: readOptionalName(reader) };
    case 'status':
      return { kind };
  }
}

function writeConsistency(writer: ByteWriter, consistency: Consistency): void {
  writer.byte(CONSISTENCIES.indexOf(consistency));
}

function readConsistency(reader: ByteReader): Consistency {
  const { offset } = reader;
  const consistency = CONSISTENCIES[reader.byte()];
  if (consistency === undefined) throw new DecodeError('an unknown consistency', offset);
  return consistency;
}
