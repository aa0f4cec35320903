/**
 * A state in the making: each record of a snapshot is held against those before and put in its place. Keys and sessions
 * come in order and go in one by one, which leaves their trees as full as they can be; to load a million of them at once
 * at the end would take half a second less, and hold up the node's messages for a tenth of one (DESIGN §5).
 */

import { SnapshotRefusedError } from './errors.ts';
import { EMPTY_REVISION, KeyStore, type EntryText } from './key-store.ts';
import { Sessions } from './sessions.ts';
import type {
  EndRecord,
  ReplyRecord,
  SessionRecord,
  SnapshotRecord,
  StateRecord,
} from './snapshot-records.ts';
import { MACHINE_VERSION, type State } from './state.ts';

export class Restoration {
  /** `null` before the first record. */
  private state: State | null = null;
  private lastKey = '';
  /** The last one, to which the replies belong that come next. */
  private session: SessionRecord | null = null;
  private lastSequence = 0;
  private replies = 0;
  private isEnded = false;
  /** Where the last record began. */
  private offset = 0;

  /** @throws {SnapshotRefusedError} if no machine writes `record` behind those before. */
  add(record: SnapshotRecord, offset: number): void {
    this.offset = offset;
    this.check(!this.isEnded, 'a record behind the end');
    if (record.kind === 'state') return this.begin(record);

    const { state } = this;
    if (state === null) throw this.refusal(`the first record is of kind ${record.kind}`);
    switch (record.kind) {
      case 'key':
        return this.addKey(record.entry, state);
      case 'session':
        return this.addSession(record, state);
      case 'reply':
        return this.addReply(record, state);
      case 'end':
        return this.end(record, state);
    }
  }

  /** @throws {SnapshotRefusedError} if the end is missing. */
  finish(): State {
    if (this.state === null || !this.isEnded) throw this.refusal('the end is missing behind this');
    return this.state;
  }

  private begin({ appliedIndex, machineVersion, limits, revision }: StateRecord): void {
    this.check(this.state === null, 'a second state');
    if (machineVersion !== MACHINE_VERSION) {
      throw this.refusal(
        `its commands have machine version ${machineVersion}, this release knows version ${MACHINE_VERSION}: start a later one`,
      );
    }
    this.check(revision >= EMPTY_REVISION, 'a revision below that of an empty store');
    const keys = KeyStore.empty(revision);
    this.state = { appliedIndex, machineVersion, limits, keys, sessions: Sessions.empty() };
  }

  private addKey(entry: EntryText, { keys }: State): void {
    const { key, createRevision, modRevision, version } = entry;
    this.check(this.session === null, 'a key behind a session');
    // An empty key stands before the first.
    this.check(key > this.lastKey, 'a key that is not above the one before');
    const isInOrder = createRevision > EMPTY_REVISION && createRevision <= modRevision;
    this.check(isInOrder && modRevision <= keys.revision, 'revisions that contradict each other');
    this.check(version > 0, 'a key without a version');
    keys.restore(entry);
    this.lastKey = key;
  }

  private addSession(session: SessionRecord, { appliedIndex, limits, sessions }: State): void {
    const { id, mark } = session;
    this.check(id > (this.session?.id ?? 0), 'a session that is not above the one before');
    this.check(id <= appliedIndex, 'a session that was not opened yet');
    this.check(mark > 0, 'a session without a mark');
    this.check(sessions.size < limits.sessionsMax, 'more sessions than there may be');
    this.check(sessions.restore(session), 'a nonce of two sessions');
    this.session = session;
    this.lastSequence = mark - 1;
  }

  private addReply({ sequence, outcome }: ReplyRecord, { limits, sessions }: State): void {
    const { session } = this;
    if (session === null) throw this.refusal('a reply of no session');
    const { id, mark } = session;
    this.check(sequence > this.lastSequence, 'a reply that is not above the one before');
    this.check(sequence - mark < limits.sequenceWindow, 'a reply beyond the window');
    const position = { session: id, sequence, acknowledgedBelow: mark };
    this.check(sessions.keep(position, outcome, limits), 'more replies than a session may keep');
    this.lastSequence = sequence;
    this.replies += 1;
  }

  private end({ keys, sessions, replies }: EndRecord, state: State): void {
    const isWhole = keys === state.keys.size && sessions === state.sessions.size && replies === this.replies;
    this.check(isWhole, 'there are more or fewer records than the end tells of');
    this.isEnded = true;
  }

  private check(holds: boolean, what: string): void {
    if (!holds) throw this.refusal(what);
  }

  private refusal(what: string): SnapshotRefusedError {
    return new SnapshotRefusedError(what, this.offset);
  }
}
