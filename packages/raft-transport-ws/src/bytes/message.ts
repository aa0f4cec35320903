/** The bytes of what nodes say to each other. Each kind has a number; a new one takes a new number. */

import { DecodeError, EncodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import {
  logIndex,
  term,
  type Append,
  type Entry,
  type LogIndex,
  type Message,
  type Round,
  type Term,
} from '@raftkv/core';
import { readEntry, writeEntry } from '@raftkv/runtime';

/** Entries of one append. At 64 bytes an entry, as the core counts them, a thousand times its default of 1 MiB. */
const ENTRIES_MAX: number = 2 ** 20;

const APPEND = 1;
const APPEND_REPLY = 2;
const APPEND_REFUSAL = 3;
const ROUND_REPLY = 4;
const VOTE_REQUEST = 5;
const VOTE_REPLY = 6;
const PRE_VOTE_REQUEST = 7;
const PRE_VOTE_REPLY = 8;
const TIMEOUT_NOW = 9;
/** Stands before an append, or the answer to one, that asks for a promise or makes one (R20). */
const PROMISE = 16;
const READ_REQUEST = 17;
const READ_REPLY = 18;
const REMOVED = 10;

/** @throws {EncodeError} if there are more than `ENTRIES_MAX` entries. */
export function writeMessage(writer: ByteWriter, message: Message): void {
  if ('promiseMs' in message) writer.byte(PROMISE).counter(message.promiseMs);
  switch (message.kind) {
    case 'append':
      return writeAppend(writer, message);
    case 'appendReply':
      writer.byte(APPEND_REPLY).counter(message.term).counter(message.matched).counter(message.round);
      return;
    case 'appendRefusal':
      writer.byte(APPEND_REFUSAL).counter(message.term).counter(message.prevIndex);
      writer.counter(message.hintIndex).counter(message.hintTerm).counter(message.round);
      return;
    case 'roundReply':
      writer.byte(ROUND_REPLY).counter(message.term).counter(message.round);
      return;
    case 'voteRequest':
      writer.byte(VOTE_REQUEST).counter(message.term).counter(message.lastIndex);
      writer.counter(message.lastTerm).byte(message.isTransfer ? 1 : 0);
      return;
    case 'preVoteRequest':
      writer.byte(PRE_VOTE_REQUEST).counter(message.term);
      writer.counter(message.lastIndex).counter(message.lastTerm);
      return;
    case 'timeoutNow':
      writer.byte(TIMEOUT_NOW).counter(message.term);
      return;
    case 'voteReply':
    case 'preVoteReply':
      writer.byte(message.kind === 'voteReply' ? VOTE_REPLY : PRE_VOTE_REPLY);
      writer.counter(message.term).byte(message.isGranted ? 1 : 0);
      return;
    case 'readRequest':
      writer.byte(READ_REQUEST).counter(message.term).counter(message.process).counter(message.counter);
      return;
    case 'readReply':
      writer.byte(READ_REPLY).counter(message.term).counter(message.process).counter(message.counter);
      writer.counter(message.index);
      return;
    case 'removed':
      writer.byte(REMOVED).counter(message.term);
      return;
  }
}

/** @throws {DecodeError} */
export function readMessage(reader: ByteReader): Message {
  const { offset } = reader;
  const kind = reader.byte();
  if (kind !== PROMISE) return readKind(reader, kind, offset);
  const promiseMs = reader.counter();
  const message = readKind(reader, reader.byte(), offset);
  switch (message.kind) {
    case 'append':
    case 'appendReply':
    case 'appendRefusal':
    case 'roundReply':
      return { ...message, promiseMs };
    case 'voteRequest':
    case 'voteReply':
    case 'preVoteRequest':
    case 'preVoteReply':
    case 'timeoutNow':
    case 'removed':
    case 'readRequest':
    case 'readReply':
      throw new DecodeError('a promise that goes with no append', offset);
  }
}

/** @throws {DecodeError} */
function readKind(reader: ByteReader, kind: number, offset: number): Message {
  switch (kind) {
    case APPEND:
      return readAppend(reader);
    case APPEND_REPLY:
      return {
        kind: 'appendReply',
        term: readTerm(reader),
        matched: readIndex(reader),
        round: readRound(reader),
      };
    case APPEND_REFUSAL:
      return {
        kind: 'appendRefusal',
        term: readTerm(reader),
        prevIndex: readIndex(reader),
        hintIndex: readIndex(reader),
        hintTerm: readTerm(reader),
        round: readRound(reader),
      };
    case ROUND_REPLY:
      return { kind: 'roundReply', term: readTerm(reader), round: readRound(reader) };
    case VOTE_REQUEST:
      return { kind: 'voteRequest', ...readCandidate(reader), isTransfer: readFlag(reader) };
    case VOTE_REPLY:
      return { kind: 'voteReply', term: readTerm(reader), isGranted: readFlag(reader) };
    case PRE_VOTE_REQUEST:
      return { kind: 'preVoteRequest', ...readCandidate(reader) };
    case PRE_VOTE_REPLY:
      return { kind: 'preVoteReply', term: readTerm(reader), isGranted: readFlag(reader) };
    case REMOVED:
      return { kind: 'removed', term: readTerm(reader) };
    case TIMEOUT_NOW:
      return { kind: 'timeoutNow', term: readTerm(reader) };
    case READ_REQUEST:
      return {
        kind: 'readRequest',
        term: readTerm(reader),
        process: reader.counter(),
        counter: reader.counter(),
      };
    case READ_REPLY:
      return {
        kind: 'readReply',
        term: readTerm(reader),
        process: reader.counter(),
        counter: reader.counter(),
        index: readIndex(reader),
      };
    default:
      throw new DecodeError('an unknown kind of message', offset);
  }
}

/** 0 or 1: any other byte would give equal values unequal bytes. @throws {DecodeError} */
export function readFlag(reader: ByteReader): boolean {
  const { offset } = reader;
  const byte = reader.byte();
  if (byte > 1) throw new DecodeError('neither yes nor no', offset);
  return byte === 1;
}

function writeAppend(writer: ByteWriter, message: Append): void {
  const { entries } = message;
  if (entries.length > ENTRIES_MAX) {
    throw new EncodeError(`${entries.length} entries in one append are more than ${ENTRIES_MAX}`);
  }
  writer.byte(APPEND).counter(message.term).counter(message.prevIndex).counter(message.prevTerm);
  writer.counter(message.commitIndex).counter(message.round).counter(entries.length);
  for (const entry of entries) writeEntry(writer, entry);
}

function readAppend(reader: ByteReader): Append {
  const head = {
    kind: 'append',
    term: readTerm(reader),
    prevIndex: readIndex(reader),
    prevTerm: readTerm(reader),
    commitIndex: readIndex(reader),
    round: readRound(reader),
  } as const;
  const count = reader.counterUpTo(ENTRIES_MAX, 'the number of entries');
  const entries: Entry[] = [];
  for (let nth = 0; nth < count; nth += 1) entries.push(readEntry(reader));
  return { ...head, entries };
}

function readCandidate(reader: ByteReader): { term: Term; lastIndex: LogIndex; lastTerm: Term } {
  return { term: readTerm(reader), lastIndex: readIndex(reader), lastTerm: readTerm(reader) };
}

function readTerm(reader: ByteReader): Term {
  return term(reader.counter());
}

function readIndex(reader: ByteReader): LogIndex {
  return logIndex(reader.counter());
}

function readRound(reader: ByteReader): Round {
  const { offset } = reader;
  const value = reader.counter();
  if (!isRound(value)) throw new DecodeError(`${value} is no round`, offset);
  return value;
}

function isRound(value: number): value is Round {
  return Number.isSafeInteger(value) && value >= 0;
}
