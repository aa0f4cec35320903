/** What stands in the log: all that changes the replicated state. */

import { ByteBlocks, ByteReader, ByteWriter, DecodeError, EncodeError } from '@raftkv/codec';
import { EXPIRED_SESSIONS_MAX, NONCE_BYTES } from './limits.ts';
import { readOperation, writeOperation, type Operation } from './operation.ts';

/** The index of the entry that opened the session; never used again (R36). */
export type SessionId = number;

/** Where a write stands among those of its session (R35). */
export interface WritePosition {
  /** That the write belongs to; it is refused once the session has ended. */
  readonly session: SessionId;
  /** From 1, rising by one with each write of the session. */
  readonly sequence: number;
  /** The client waits for no reply below this one any more. */
  readonly acknowledgedBelow: number;
}

/** A change of the replicated state; `kind` says which. */
export type Command =
  /** Repeated with the same nonce while the session lives, it gives the same session (R36). */
  | { readonly kind: 'openSession'; readonly nonce: Uint8Array }
  /** Their time is over, as the leader judged; also how a client ends its own (R39). */
  | { readonly kind: 'endSessions'; readonly sessions: readonly SessionId[] }
  /** Applied once, however often it stands in the log (R35). */
  | { readonly kind: 'write'; readonly position: WritePosition; readonly operation: Operation }
  /** Applied as often as it stands in the log: for callers without a session. */
  | { readonly kind: 'directWrite'; readonly operation: Operation };

/** The place in this list is the byte. New kinds go to the end. */
const KINDS: readonly Command['kind'][] = ['openSession', 'endSessions', 'write', 'directWrite'];

/** A command of another format is refused by members that do not know it, before it can mean something else to them. */
const FORMAT = 1;
/** Commands as long as most are written here, and copied from here to where they stay. */
const SCRATCH_BYTES = 4096;
const scratch = new ByteWriter(SCRATCH_BYTES);
/** Those that are in the log next to each other leave it about together: they share blocks. */
const BLOCK_BYTES = 64 * 1024;
const blocks = new ByteBlocks(BLOCK_BYTES);
/** Of a write: all that stands around its key and its value. */
const COMMAND_BYTES = 64;

/**
 * The bytes that go into the log. Short commands are parts of a block that they share.
 *
 * @throws {EncodeError} if anything is longer than its limit.
 */
export function encodeCommand(command: Command): Uint8Array {
  const size = sizeOf(command);
  if (size > SCRATCH_BYTES) return write(new ByteWriter(size), command).take();
  const bytes = write(scratch.cut(0), command).written();
  blocks.reserve(bytes.length).set(bytes);
  return blocks.take(bytes.length);
}

/** Key and value of a write are parts of `bytes`. @throws {DecodeError} if these are not what `encodeCommand` gives. */
export function decodeCommand(bytes: Uint8Array): Command {
  const reader = new ByteReader(bytes);
  if (reader.byte() !== FORMAT) throw new DecodeError('a command of an unknown format', 0);
  const kind = KINDS[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown kind of command', 1);
  const command = readBody(reader, kind);
  reader.end();
  return command;
}

function write(writer: ByteWriter, command: Command): ByteWriter {
  writer.byte(FORMAT).byte(KINDS.indexOf(command.kind));
  writeBody(writer, command);
  return writer;
}

/** At least what a write takes, so that the writer never has to grow; others are short and rare. */
function sizeOf(command: Command): number {
  if (command.kind !== 'write' && command.kind !== 'directWrite') return COMMAND_BYTES;
  const { operation } = command;
  return COMMAND_BYTES + operation.key.length + (operation.kind === 'put' ? operation.value.length : 0);
}

function writeBody(writer: ByteWriter, command: Command): void {
  switch (command.kind) {
    case 'openSession':
      return writeNonce(writer, command.nonce);
    case 'endSessions':
      return writeSessions(writer, command.sessions);
    case 'write':
      writePosition(writer, command.position);
      return writeOperation(writer, command.operation);
    case 'directWrite':
      return writeOperation(writer, command.operation);
    default:
      command satisfies never;
  }
}

function readBody(reader: ByteReader, kind: Command['kind']): Command {
  switch (kind) {
    case 'openSession':
      return { kind, nonce: reader.raw(NONCE_BYTES) };
    case 'endSessions':
      return { kind, sessions: readSessions(reader) };
    case 'write':
      return { kind, position: readPosition(reader), operation: readOperation(reader) };
    case 'directWrite':
      return { kind, operation: readOperation(reader) };
  }
}

export function writeNonce(writer: ByteWriter, nonce: Uint8Array): void {
  if (nonce.length !== NONCE_BYTES) throw new EncodeError(`a nonce has ${NONCE_BYTES} bytes`);
  writer.raw(nonce);
}

export function writePosition(writer: ByteWriter, position: WritePosition): void {
  writer.counter(position.session).counter(position.sequence).counter(position.acknowledgedBelow);
}

/** @throws {DecodeError} */
export function readPosition(reader: ByteReader): WritePosition {
  return { session: reader.counter(), sequence: reader.counter(), acknowledgedBelow: reader.counter() };
}

function writeSessions(writer: ByteWriter, sessions: readonly SessionId[]): void {
  if (sessions.length > EXPIRED_SESSIONS_MAX) {
    throw new EncodeError(`${sessions.length} sessions are more than ${EXPIRED_SESSIONS_MAX}`);
  }
  writer.counter(sessions.length);
  for (const session of sessions) writer.counter(session);
}

function readSessions(reader: ByteReader): readonly SessionId[] {
  const count = reader.counterUpTo(EXPIRED_SESSIONS_MAX, 'the number of sessions');
  const sessions: SessionId[] = [];
  while (sessions.length < count) sessions.push(reader.counter());
  return sessions;
}
