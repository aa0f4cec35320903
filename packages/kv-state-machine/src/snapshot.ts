/**
 * A state written down, and made anew from that. What is read is judged as strictly as it was written: it gives a state
 * that would be written down in the very same bytes, or none (R34).
 */

import { Restoration } from './restoration.ts';
import type { SnapshotRecord } from './snapshot-records.ts';
import { piecesOf, RecordReader } from './snapshot-stream.ts';
import type { State } from './state.ts';

/** `state` in pieces of bytes, each made when it is asked for: nothing of it may change before the last. */
export async function* contentOf(state: State): AsyncGenerator<Uint8Array> {
  yield* piecesOf(recordsOf(state));
}

/**
 * The state that `content` is of; nobody else has it.
 *
 * @throws {SnapshotRefusedError} if it is of none; and what `content` throws.
 */
export async function stateOf(content: AsyncIterable<Uint8Array>): Promise<State> {
  const reader = new RecordReader();
  const restoration = new Restoration();
  for await (const piece of content) {
    for (const { record, offset } of reader.records(piece)) restoration.add(record, offset);
  }
  reader.end();
  return restoration.finish();
}

function* recordsOf(state: State): Generator<SnapshotRecord> {
  const { appliedIndex, machineVersion, limits, keys, sessions } = state;
  yield { kind: 'state', appliedIndex, machineVersion, limits, revision: keys.revision };
  for (const entry of keys.texts()) yield { kind: 'key', entry };
  let replies = 0;
  for (const [id, { nonce, mark }] of sessions.entries()) {
    yield { kind: 'session', id, nonce, mark };
    for (const [sequence, outcome] of sessions.replies(id)) {
      yield { kind: 'reply', sequence, outcome };
      replies += 1;
    }
  }
  yield { kind: 'end', keys: keys.size, sessions: sessions.size, replies };
}
