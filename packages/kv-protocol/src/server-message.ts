/** What a node says to a client: a hello, a response to each request, and news of who leads. */

import { ByteWriter, DecodeError, EncodeError, type ByteReader } from '@raftkv/codec';
import type { SessionId } from './command.ts';
import { readKeyValue, writeKeyValue, type KeyValue } from './entry.ts';
import { readFailure, readOptionalUrl, writeFailure, writeOptionalUrl, type Failure } from './failure.ts';
import { FrameWriter, readFrame } from './frame.ts';
import { MEMBERS_MAX, NAME_BYTES_MAX, URL_BYTES_MAX } from './limits.ts';
import { readMembership, writeMembership, type Membership } from './membership.ts';
import { readOptionalName, writeOptionalName } from './name.ts';
import { readNodeStatus, writeNodeStatus, type NodeStatus } from './node-status.ts';
import { readBoolean, readOutcome, writeOutcome, type Outcome } from './outcome.ts';

/** The answer to one request; `kind` says which. */
export type Response =
  /** Of `end` and `write`, and of an `open` that is refused: what the state machine answered. */
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  /** Of `open`: the session lives for `ttlMs` from when the client asked. That is a setting of the leader (R41). */
  | { readonly kind: 'opened'; readonly session: SessionId; readonly ttlMs: number }
  /** Of `keepAlive`: the session lives for `ttlMs` from when the client asked. */
  | { readonly kind: 'alive'; readonly ttlMs: number }
  /** `entry` is null where the key is absent; `revision` is that of the store it was read from. */
  | { readonly kind: 'value'; readonly entry: KeyValue | null; readonly revision: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'members'; readonly membership: Membership }
  /** The configuration asked for is committed, and in force alone; `index` is that of its entry. */
  | { readonly kind: 'membershipChanged'; readonly index: number }
  /** A later term has begun; `leader` is who leads it, `null` while that is open. */
  | { readonly kind: 'leadershipTransferred'; readonly leader: string | null }
  | { readonly kind: 'status'; readonly status: NodeStatus };

/** Where the cluster can be reached. */
export interface Directory {
  /** `null` while no leader is known, or its address is not. */
  readonly leaderUrl: string | null;
  /** Of all members that this node knows how to reach. */
  readonly urls: readonly string[];
}

/** One frame from a node. */
export type ServerMessage =
  /** The first message of a connection, and only that. */
  | {
      readonly kind: 'hello';
      readonly version: number;
      readonly cluster: string;
      readonly node: string;
      /** Where clients reach this node by its own account, if it knows: whoever dialled another name compares. */
      readonly clientUrl: string | null;
      readonly directory: Directory;
    }
  | { readonly kind: 'response'; readonly id: number; readonly response: Response }
  /** Another leads, or members are elsewhere. */
  | { readonly kind: 'directory'; readonly directory: Directory };

/** The place in these lists is the byte. New ones go to the end. */
const MESSAGES: readonly ServerMessage['kind'][] = ['hello', 'response', 'directory'];
const RESPONSES: readonly Response['kind'][] = [
  'outcome',
  'opened',
  'alive',
  'value',
  'failed',
  'members',
  'membershipChanged',
  'leadershipTransferred',
  'status',
];

/** A frame of this message alone. @throws {EncodeError} if anything is longer than its limit. */
export function encodeServerMessage(message: ServerMessage): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writeMessage(writer, message);
  return writer.finish();
}

/** Puts messages of one turn into one frame, or more where they do not fit. */
export function serverFrameWriter(
  send: (frame: Uint8Array<ArrayBuffer>) => void,
): FrameWriter<ServerMessage> {
  return new FrameWriter(writeMessage, send);
}

/** All messages of a frame, at least one. @throws {DecodeError} */
export function decodeServerFrame(bytes: Uint8Array): ServerMessage[] {
  return readFrame(bytes, readMessage);
}

function writeMessage(writer: ByteWriter, message: ServerMessage): void {
  writer.byte(MESSAGES.indexOf(message.kind));
  switch (message.kind) {
    case 'hello':
      writer
        .counter(message.version)
        .text(message.cluster, NAME_BYTES_MAX)
        .text(message.node, NAME_BYTES_MAX);
      writeOptionalUrl(writer, message.clientUrl);
      return writeDirectory(writer, message.directory);
    case 'response':
      return writeResponse(writer.counter(message.id), message.response);
    case 'directory':
      return writeDirectory(writer, message.directory);
    default:
      message satisfies never;
  }
}

function readMessage(reader: ByteReader): ServerMessage {
  const { offset } = reader;
  const kind = MESSAGES[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown kind of message', offset);
  switch (kind) {
    case 'hello': {
      const version = reader.counter();
      const [cluster, node] = [reader.text(NAME_BYTES_MAX), reader.text(NAME_BYTES_MAX)];
      const clientUrl = readOptionalUrl(reader);
      return { kind, version, cluster, node, clientUrl, directory: readDirectory(reader) };
    }
    case 'response':
      return { kind, id: reader.counter(), response: readResponse(reader) };
    case 'directory':
      return { kind, directory: readDirectory(reader) };
  }
}

function writeResponse(writer: ByteWriter, response: Response): void {
  writer.byte(RESPONSES.indexOf(response.kind));
  switch (response.kind) {
    case 'outcome':
      return writeOutcome(writer, response.outcome);
    case 'opened':
      writer.counter(response.session).counter(response.ttlMs);
      return;
    case 'alive':
      writer.counter(response.ttlMs);
      return;
    case 'value':
      writer.counter(response.revision).byte(response.entry === null ? 0 : 1);
      if (response.entry !== null) writeKeyValue(writer, response.entry);
      return;
    case 'failed':
      return writeFailure(writer, response.failure);
    case 'members':
      return writeMembership(writer, response.membership);
    case 'membershipChanged':
      writer.counter(response.index);
      return;
    case 'leadershipTransferred':
      return writeOptionalName(writer, response.leader);
    case 'status':
      return writeNodeStatus(writer, response.status);
    default:
      response satisfies never;
  }
}

function readResponse(reader: ByteReader): Response {
  const { offset } = reader;
  const kind = RESPONSES[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown kind of response', offset);
  switch (kind) {
    case 'outcome':
      return { kind, outcome: readOutcome(reader) };
    case 'opened':
      return { kind, session: reader.counter(), ttlMs: reader.counter() };
    case 'alive':
      return { kind, ttlMs: reader.counter() };
    case 'value': {
      const revision = reader.counter();
      return { kind, revision, entry: readBoolean(reader) ? readKeyValue(reader) : null };
    }
    case 'failed':
      return { kind, failure: readFailure(reader) };
    case 'members':
      return { kind, membership: readMembership(reader) };
    case 'membershipChanged':
      return { kind, index: reader.counter() };
    case 'leadershipTransferred':
      return { kind, leader: readOptionalName(reader) };
    case 'status':
      return { kind, status: readNodeStatus(reader) };
  }
}

function writeDirectory(writer: ByteWriter, { leaderUrl, urls }: Directory): void {
  if (urls.length > MEMBERS_MAX) throw new EncodeError(`${urls.length} members are more than ${MEMBERS_MAX}`);
  writeOptionalUrl(writer, leaderUrl);
  writer.counter(urls.length);
  for (const url of urls) writer.text(url, URL_BYTES_MAX);
}

function readDirectory(reader: ByteReader): Directory {
  const leaderUrl = readOptionalUrl(reader);
  const count = reader.counterUpTo(MEMBERS_MAX, 'the number of members');
  const urls: string[] = [];
  while (urls.length < count) urls.push(reader.text(URL_BYTES_MAX));
  return { leaderUrl, urls };
}
