/** What the state machine answers to a command: part of the replicated state, as long as a client may ask again. */

import { DecodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import type { SessionId } from './command.ts';

/** What became of a command; `kind` says which. */
export type Outcome =
  /** The key has a new value; `version` counts its changes since it was created, from 1. */
  | { readonly kind: 'put'; readonly revision: number; readonly version: number }
  /** `isDeleted` is false where the key was absent: then nothing changed. */
  | { readonly kind: 'deleted'; readonly revision: number; readonly isDeleted: boolean }
  /** Nothing changed; the last change of the key has revision `current`, 0 where it is absent. */
  | { readonly kind: 'conditionFailed'; readonly revision: number; readonly current: number }
  | { readonly kind: 'opened'; readonly session: SessionId }
  /** Done, and nothing to say of it. */
  | { readonly kind: 'done' }
  /** Refused by the state machine: nothing changed. */
  | { readonly kind: 'refused'; readonly reason: RefusalReason };

/** Why the state machine refused a command (R35 to R37). */
export type RefusalReason =
  /** The session is not there, or not any more. */
  | 'session-expired'
  /** The position contradicts itself, or lies beyond what a session may have under way. */
  | 'invalid'
  /** The client has said that it waits for this reply no more: a late copy. */
  | 'already-acknowledged'
  /** Too many replies of this session are kept: to be tried again under the same number. */
  | 'session-full'
  /** There are as many sessions as there may be. */
  | 'too-many-sessions';

/** The place in these lists is the byte. New ones go to the end. */
const KINDS: readonly Outcome['kind'][] = ['put', 'deleted', 'conditionFailed', 'opened', 'done', 'refused'];
const REASONS: readonly RefusalReason[] = [
  'session-expired',
  'invalid',
  'already-acknowledged',
  'session-full',
  'too-many-sessions',
];

/** Writes an outcome. */
export function writeOutcome(writer: ByteWriter, outcome: Outcome): void {
  writer.byte(KINDS.indexOf(outcome.kind));
  switch (outcome.kind) {
    case 'put':
      writer.counter(outcome.revision).counter(outcome.version);
      return;
    case 'deleted':
      writer.counter(outcome.revision).byte(outcome.isDeleted ? 1 : 0);
      return;
    case 'conditionFailed':
      writer.counter(outcome.revision).counter(outcome.current);
      return;
    case 'opened':
      writer.counter(outcome.session);
      return;
    case 'done':
      return;
    case 'refused':
      writer.byte(REASONS.indexOf(outcome.reason));
      return;
    default:
      outcome satisfies never;
  }
}

/**
 * Reads what `writeOutcome` wrote.
 *
 * @throws {DecodeError}
 */
export function readOutcome(reader: ByteReader): Outcome {
  const { offset } = reader;
  const kind = KINDS[reader.byte()];
  if (kind === undefined) throw new DecodeError('an unknown kind of outcome', offset);
  switch (kind) {
    case 'put':
      return { kind, revision: reader.counter(), version: reader.counter() };
    case 'deleted':
      return { kind, revision: reader.counter(), isDeleted: readBoolean(reader) };
    case 'conditionFailed':
      return { kind, revision: reader.counter(), current: reader.counter() };
    case 'opened':
      return { kind, session: reader.counter() };
    case 'done':
      return { kind };
    case 'refused':
      return { kind, reason: readReason(reader) };
  }
}

/** @throws {DecodeError} if the byte is neither 0 nor 1. */
export function readBoolean(reader: ByteReader): boolean {
  return reader.counterUpTo(1, 'a truth value') === 1;
}

function readReason(reader: ByteReader): RefusalReason {
  const { offset } = reader;
  const reason = REASONS[reader.byte()];
  if (reason === undefined) throw new DecodeError('an unknown reason', offset);
  return reason;
}
