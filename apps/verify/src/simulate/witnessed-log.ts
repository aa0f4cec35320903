/**
 * What a node was told is on its disk, kept beside the disk: whatever befalls that, a storage that opens again must give it
 * back, with at most a prefix of what was under way.
 */

import {
  emptyRecord,
  logIndex,
  type Base,
  type Configuration,
  type Entry,
  type HardState,
  type LogIndex,
  type NodeId,
} from '@raftkv/core';
import type {
  Incarnation,
  LogStorage,
  SnapshotHead,
  StoredLog,
  StoredSnapshot,
  WriteBatch,
} from '@raftkv/runtime';
import type { DurableLog } from '@raftkv/simulation';
import { BrokenPromise } from './broken-promise.ts';
import { wordsOf } from './configuration-words.ts';
import { ContentDigest, type SnapshotBytes } from './snapshot-bytes.ts';

const READ_BYTES_MAX = 1024 * 1024;

interface Content {
  readonly hardState: HardState;
  /** What stands before the first entry. */
  readonly base: Base;
  readonly entries: readonly Entry[];
}

/** Of what is on disk: it grows with every write, and is not copied for each. */
interface GrowingContent {
  hardState: HardState;
  base: Base;
  readonly entries: Entry[];
}

export class Witness implements DurableLog {
  version = 0;
  wipes = 0;
  /** The peers of which it was told that their incarnations are on disk. */
  readonly met: Set<NodeId> = new Set<NodeId>();
  private readonly configuration: Configuration;
  private readonly content: GrowingContent;
  /** Asked for, and not known to be on disk. */
  private underWay: WriteBatch[] = [];

  constructor(configuration: Configuration) {
    this.configuration = configuration;
    this.content = { ...emptyContent(configuration), entries: [] };
  }

  get hardState(): HardState {
    return this.content.hardState;
  }

  get base(): Base {
    return this.content.base;
  }

  get lastIndex(): number {
    return this.content.base.index + this.content.entries.length;
  }

  entryAt(index: LogIndex): Entry | null {
    return this.content.entries[index - this.content.base.index - 1] ?? null;
  }

  get isBusy(): boolean {
    return this.underWay.length > 0;
  }

  onWrite(batch: WriteBatch): void {
    this.underWay.push(batch);
  }

  onSynced(batch: WriteBatch): void {
    const [first, ...others] = this.underWay;
    if (first !== batch)
      throw new BrokenPromise('written-in-order', 'a later write was told before an earlier one');
    this.underWay = others;
    const { hardState, newBase, truncateFrom, entries } = batch;
    const { content } = this;
    if (hardState !== null) content.hardState = hardState;
    if (newBase !== null) {
      content.entries.splice(0, newBase.isLogKept ? newBase.base.index - content.base.index : Infinity);
      content.base = newBase.base;
    }
    if (truncateFrom !== null) content.entries.length = truncateFrom - 1 - content.base.index;
    content.entries.push(...entries);
    this.version += 1;
  }

  /** @throws {BrokenPromise} if `found` is not what was on disk and a prefix of what was under way. */
  onFound(found: Content): void {
    let expected: Content = this.content;
    for (const batch of this.underWay) {
      for (let parts = 0; parts < batch.entries.length + 3; parts += 1) {
        if (isSame(found, after(expected, batch, parts))) return this.become(found);
      }
      expected = after(expected, batch, Infinity);
    }
    if (isSame(found, expected)) return this.become(found);
    throw new BrokenPromise(
      'disk-kept',
      `${tellOf(found)} was found, where ${tellOf(this.content)} was on disk`,
    );
  }

  /** @throws {BrokenPromise} if somebody whom the node has met is not among the `found`. */
  onMembersFound(found: ReadonlyMap<NodeId, Incarnation>): void {
    for (const peer of this.met) {
      if (!found.has(peer)) throw new BrokenPromise('disk-kept', `whom it met as ${peer} is forgotten`);
    }
    for (const peer of found.keys()) this.met.add(peer);
  }

  wipe(): void {
    this.met.clear();
    this.become(emptyContent(this.configuration));
    this.wipes += 1;
  }

  private become({ hardState, base, entries }: Content): void {
    this.content.hardState = hardState;
    this.content.base = base;
    this.content.entries.splice(0, Infinity, ...entries);
    this.underWay = [];
    this.version += 1;
  }
}

/** The storage of one life, watched by the witness of its disk. */
export class WitnessedStorage implements LogStorage {
  private readonly storage: LogStorage;
  private readonly witness: Witness;
  private readonly bytes: SnapshotBytes;
  private readonly onBroken: (broken: BrokenPromise) => void;

  constructor(
    storage: LogStorage,
    witness: Witness,
    bytes: SnapshotBytes,
    onBroken: (broken: BrokenPromise) => void,
  ) {
    this.storage = storage;
    this.witness = witness;
    this.bytes = bytes;
    this.onBroken = onBroken;
  }

  async load(): Promise<StoredLog> {
    const stored = await this.storage.load();
    const { hardState, base, tail } = stored.record;
    const entries: Entry[] = [];
    const firstOfTail = tail[0]?.index ?? base.index + 1;
    for (let next = base.index + 1; next < firstOfTail; next = base.index + entries.length + 1)
      entries.push(...(await this.readFrom(next, firstOfTail - 1)));
    this.judge(() => this.witness.onFound({ hardState, base, entries: [...entries, ...tail] }));
    this.judge(() => this.witness.onMembersFound(stored.members));
    return stored;
  }

  write(batch: WriteBatch, done: (error: Error | null) => void): void {
    this.witness.onWrite(batch);
    this.storage.write(batch, (error) => {
      if (error === null) this.judge(() => this.witness.onSynced(batch));
      done(error);
    });
  }

  bindMember(
    peer: Parameters<LogStorage['bindMember']>[0],
    incarnation: Incarnation,
    done: (error: Error | null) => void,
  ): void {
    this.storage.bindMember(peer, incarnation, (error) => {
      if (error === null) this.witness.met.add(peer);
      done(error);
    });
  }

  read(
    from: LogIndex,
    through: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): void {
    this.storage.read(from, through, bytesMax, done);
  }

  async writeSnapshot(head: SnapshotHead, content: AsyncIterable<Uint8Array>): Promise<void> {
    const seen = new ContentDigest();
    await this.storage.writeSnapshot(head, seen.through(content));
    this.judge(() => this.bytes.agree(head.base.index, seen.value));
  }

  async openSnapshot(index: LogIndex): Promise<StoredSnapshot> {
    const { head, content } = await this.storage.openSnapshot(index);
    return { head, content: this.judged(index, content) };
  }

  close(): Promise<void> {
    return this.storage.close();
  }

  private async *judged(index: LogIndex, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const seen = new ContentDigest();
    yield* seen.through(content);
    this.judge(() => this.bytes.agree(index, seen.value));
  }

  private readFrom(from: number, through: number): Promise<readonly Entry[]> {
    return new Promise((resolve, reject) => {
      this.storage.read(logIndex(from), logIndex(through), READ_BYTES_MAX, (error, entries) => {
        if (error !== null) reject(error);
        else if (entries.length === 0) reject(new BrokenPromise('disk-kept', `entry ${from} cannot be read`));
        else resolve(entries);
      });
    });
  }

  private judge(look: () => void): void {
    try {
      look();
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error;
      this.onBroken(error);
    }
  }
}

/** That of a member that has never run. */
function emptyContent(configuration: Configuration): Content {
  const { hardState, base } = emptyRecord(configuration);
  return { hardState, base, entries: [] };
}

/** The first `parts` of a write: hard state, base where it is new, truncation, then each entry. */
function after(content: Content, batch: WriteBatch, parts: number): Content {
  if (parts < 1) return content;
  const hardState = batch.hardState ?? content.hardState;
  let { base, entries } = content;
  let left = parts - 1;
  if (batch.newBase !== null) {
    if (left < 1) return { hardState, base, entries };
    const { isLogKept } = batch.newBase;
    entries = isLogKept ? entries.slice(batch.newBase.base.index - base.index) : [];
    ({ base } = batch.newBase);
    left -= 1;
  }
  if (left < 1) return { hardState, base, entries };
  if (batch.truncateFrom !== null) entries = entries.slice(0, batch.truncateFrom - 1 - base.index);
  return { hardState, base, entries: [...entries, ...batch.entries.slice(0, left - 1)] };
}

function isSame(one: Content, other: Content): boolean {
  const { currentTerm, votedFor, commitIndex } = one.hardState;
  const { hardState, entries } = other;
  if (hardState.currentTerm !== currentTerm || hardState.votedFor !== votedFor) return false;
  if (hardState.commitIndex !== commitIndex || one.entries.length !== entries.length) return false;
  if (one.base.index !== other.base.index || one.base.term !== other.base.term) return false;
  return one.entries.every((entry, at) => isSameEntry(entry, entries[at]));
}

function isSameEntry(one: Entry, other: Entry | undefined): boolean {
  return (
    other !== undefined &&
    one.index === other.index &&
    one.term === other.term &&
    one.kind === other.kind &&
    Buffer.compare(one.data, other.data) === 0 &&
    areSameMembers(one, other)
  );
}

/** Who takes part from there on, with all that the configuration says of each. */
function areSameMembers(one: Entry, other: Entry): boolean {
  if (one.kind !== 'configuration' || other.kind !== 'configuration') return true;
  return (
    one.configuration === other.configuration || wordsOf(one.configuration) === wordsOf(other.configuration)
  );
}

function tellOf({ hardState, base, entries }: Content): string {
  const last = entries.at(-1);
  return `${JSON.stringify(hardState)}, base ${base.index}@t${base.term}, last ${last === undefined ? 'none' : `${last.index}@t${last.term}`}`;
}
