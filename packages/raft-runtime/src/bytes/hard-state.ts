/** The bytes of the hard state. */

import { DecodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { logIndex, term, type HardState } from '@raftkv/core';
import { readNodeId, writeNodeId } from './configuration.ts';

const NO_VOTE = 0;
const VOTE = 1;
/** As those, with the longest promise after it. Written only where there is one: without leases nothing is new. */
const NO_VOTE_PROMISED = 2;
const VOTE_PROMISED = 3;

/** Writes term, vote and commit index, and the longest promise if there is one (R20). */
export function writeHardState(writer: ByteWriter, hardState: HardState): void {
  const { currentTerm, votedFor, commitIndex, promiseMs } = hardState;
  writer.counter(currentTerm).counter(commitIndex);
  if (promiseMs !== undefined) {
    writer.byte(votedFor === null ? NO_VOTE_PROMISED : VOTE_PROMISED).counter(promiseMs);
  } else {
    writer.byte(votedFor === null ? NO_VOTE : VOTE);
  }
  if (votedFor !== null) writeNodeId(writer, votedFor);
}

/**
 * Reads what `writeHardState` wrote.
 *
 * @throws {DecodeError}
 */
export function readHardState(reader: ByteReader): HardState {
  const currentTerm = term(reader.counter());
  const commitIndex = logIndex(reader.counter());
  const { offset } = reader;
  switch (reader.byte()) {
    case NO_VOTE:
      return { currentTerm, votedFor: null, commitIndex };
    case VOTE:
      return { currentTerm, votedFor: readNodeId(reader), commitIndex };
    case NO_VOTE_PROMISED: {
      const promiseMs = reader.counter();
      return { currentTerm, votedFor: null, commitIndex, promiseMs };
    }
    case VOTE_PROMISED: {
      const promiseMs = reader.counter();
      return { currentTerm, votedFor: readNodeId(reader), commitIndex, promiseMs };
    }
    default:
      throw new DecodeError('neither a vote nor none', offset);
  }
}
