/** A log in memory: for tests, examples and whatever may forget. Outlives the nodes that use it, not the process. */

import {
  emptyRecord,
  logIndex,
  votersOf,
  type Base,
  type Configuration,
  type Entry,
  type HardState,
  type IndexedConfiguration,
  type LogIndex,
  type NewBase,
  type NodeId,
  type TermRange,
} from '@raftkv/core';
import { clusterIdOf } from '../bytes/cluster-id.ts';
import {
  INCARNATION_BYTES,
  type Incarnation,
  type LogStorage,
  type SnapshotHead,
  type StoredLog,
  type StoredSnapshot,
  type WriteBatch,
} from '../ports/log-storage.ts';

/** What a test may want to decide itself. */
export interface MemoryLogStorageOptions {
  /** Calls later what it is given, in order; a microtask unless given. */
  readonly schedule?: (task: () => void) => void;
  /** Chosen at random unless given. */
  readonly incarnation?: Incarnation;
}

/** As many entries at the end of the log are handed over when it is opened; the others are read when they are needed. */
const TAIL_ENTRIES_MAX = 1024;

interface KeptSnapshot {
  readonly head: SnapshotHead;
  readonly pieces: readonly Uint8Array[];
}

/** As the core counts an entry: its payload and 64 bytes. */
const ENTRY_OVERHEAD_BYTES = 64;

/** Opened again after `close`, it holds what was written: a restart. */
export class MemoryLogStorage implements LogStorage {
  private readonly configuration: Configuration;
  private readonly schedule: (task: () => void) => void;
  private readonly incarnation: Incarnation;
  private hardState: HardState;
  private base: Base;
  /** Those after the base. */
  private readonly entries: Entry[] = [];
  private readonly snapshots = new Map<LogIndex, KeptSnapshot>();
  private clusterId: Uint8Array | null = null;
  private readonly members = new Map<NodeId, Incarnation>();
  private isOpen = false;
  private failure: Error | null = null;

  /** The log of a member of a new cluster with this configuration. */
  constructor(configuration: Configuration, options: MemoryLogStorageOptions = {}) {
    this.configuration = configuration;
    this.schedule = options.schedule ?? queueMicrotask;
    this.incarnation = options.incarnation ?? crypto.getRandomValues(new Uint8Array(INCARNATION_BYTES));
    ({ hardState: this.hardState, base: this.base } = emptyRecord(configuration));
  }

  load(): Promise<StoredLog> {
    if (this.isOpen) return Promise.reject(new Error('this log is in use: close it first'));
    this.isOpen = true;
    const { hardState, base, entries, incarnation } = this;
    for (const index of this.snapshots.keys()) if (index > base.index) this.snapshots.delete(index);
    return Promise.resolve({
      record: {
        hardState,
        base,
        termRanges: termRanges(entries),
        configurations: configurations(entries),
        tail: entries.slice(-TAIL_ENTRIES_MAX),
      },
      incarnation,
      clusterId: this.clusterId ?? clusterIdOf(entries.slice(0, hardState.commitIndex)),
      hasJoined: votersOf(this.configuration).length === 0,
      members: new Map(this.members),
    });
  }

  write(batch: WriteBatch, done: (error: Error | null) => void): void {
    this.change(() => this.take(batch), done);
  }

  bindMember(peer: NodeId, incarnation: Incarnation, done: (error: Error | null) => void): void {
    this.change(() => this.members.set(peer, incarnation), done);
  }

  read(
    from: LogIndex,
    through: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): void {
    this.schedule(() => {
      const first = this.base.index + 1;
      // What is in the snapshot is not in the log any more, and what follows was not asked for.
      const wanted = from < first ? [] : this.entries.slice(from - first, Math.max(through - first + 1, 0));
      done(null, wanted.slice(0, countWithin(wanted, bytesMax)));
    });
  }

  async writeSnapshot(head: SnapshotHead, content: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece.slice());
    if (!this.isOpen) throw new Error('this log is closed');
    this.snapshots.set(head.base.index, { head, pieces });
  }

  openSnapshot(index: LogIndex): Promise<StoredSnapshot> {
    const kept = this.snapshots.get(index);
    if (kept === undefined) return Promise.reject(new Error(`there is no snapshot at ${index}`));
    return Promise.resolve({ head: kept.head, content: eachOf(kept.pieces) });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.schedule(() => {
        this.isOpen = false;
        resolve();
      });
    });
  }

  /** One write; what it throws is the error of this write and of all later ones. */
  protected take({ hardState, newBase, truncateFrom, entries }: WriteBatch): void {
    if (hardState !== null) this.hardState = hardState;
    if (newBase !== null) this.begin(newBase);
    if (truncateFrom !== null) this.entries.length = truncateFrom - 1 - this.base.index;
    for (const entry of entries) {
      const next = logIndex(this.base.index + this.entries.length + 1);
      if (entry.index !== next) throw new RangeError(`entry ${entry.index} where ${next} comes next`);
      this.entries.push(entry);
    }
  }

  /** The one named before is kept as well: who reads it may be in the middle. */
  private begin({ base, isLogKept }: NewBase): void {
    const named = this.snapshots.get(base.index);
    if (named === undefined) throw new RangeError(`there is no snapshot at ${base.index}`);
    this.clusterId = named.head.clusterId;
    for (const index of this.snapshots.keys()) if (index < this.base.index) this.snapshots.delete(index);
    this.entries.splice(0, isLogKept ? base.index - this.base.index : this.entries.length);
    this.base = base;
  }

  private change(work: () => void, done: (error: Error | null) => void): void {
    this.schedule(() => {
      if (!this.isOpen) return done(new Error('this log is closed'));
      try {
        if (this.failure === null) work();
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
      }
      done(this.failure);
    });
  }
}

function termRanges(entries: readonly Entry[]): TermRange[] {
  const ranges: TermRange[] = [];
  for (const { index, term } of entries) {
    if (ranges.at(-1)?.term !== term) ranges.push({ firstIndex: index, term });
  }
  return ranges;
}

function configurations(entries: readonly Entry[]): IndexedConfiguration[] {
  return entries.flatMap((entry) =>
    entry.kind === 'configuration' ? [{ index: entry.index, configuration: entry.configuration }] : [],
  );
}

async function* eachOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

/** How many of `entries` fit, but at least one. */
function countWithin(entries: readonly Entry[], bytesMax: number): number {
  let bytes = 0;
  const beyond = entries.findIndex((entry, at) => {
    bytes += entry.data.length + ENTRY_OVERHEAD_BYTES;
    return at > 0 && bytes > bytesMax;
  });
  return beyond === -1 ? entries.length : beyond;
}
