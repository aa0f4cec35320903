/** The bytes of the hard state. */

import { DecodeError, type ByteReader, type ByteWriter } from '@raftkv/codec';
import { logIndex, term, type HardState } from '@raftkv/core';
import { readNodeId, writeNodeId } from './configuration.ts';

const NO_VOTE = 0;
const VOTE = 1;

/** Writes term, vote and commit index. */
export function writeHardState(writer: ByteWriter, { currentTerm, votedFor, commitIndex }: HardState): void {
  writer.counter(currentTerm).counter(commitIndex);
  if (votedFor === null) {
    writer.byte(NO_VOTE);
    return;
  }
  writer.byte(VOTE);
  writeNodeId(writer, votedFor);
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
    default:
      throw new DecodeError('neither a vote nor none', offset);
  }
}
