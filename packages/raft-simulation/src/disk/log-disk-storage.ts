/** The `LogStorage` of one life of a process, over a simulated disk. */

import {
  votersOf,
  type Entry,
  type IndexedConfiguration,
  type LogIndex,
  type NodeId,
  type TermRange,
} from '@raftkv/core';
import {
  clusterIdOf,
  type Incarnation,
  type LogStorage,
  type SnapshotHead,
  type StoredLog,
  type StoredSnapshot,
  type WriteBatch,
} from '@raftkv/runtime';
import type { Timeline } from '../world/timeline.ts';
import type { DiskMechanics, Pending } from './mechanics.ts';
import type { LogContent, Operation } from './operation.ts';
import { SyncFailedError } from './settings.ts';

/** As the core counts an entry: its payload and 64 bytes. */
const ENTRY_OVERHEAD_BYTES = 64;

export class LogDiskStorage implements LogStorage {
  private readonly disk: DiskMechanics;
  private readonly timeline: Timeline;
  /** What a reading sees: durable, and written. */
  private written: LogContent | null = null;
  private pending: Pending[] = [];
  private isSyncing = false;
  private isClosed = false;
  private failure: Error | null = null;
  private closing: Promise<void> | null = null;
  private onIdle: () => void = () => {};

  constructor(disk: DiskMechanics, timeline: Timeline) {
    this.disk = disk;
    this.timeline = timeline;
  }

  get isBusy(): boolean {
    return this.pending.length > 0;
  }

  /** The process is gone. Gives what was under way. */
  abandon(): readonly Pending[] {
    this.isClosed = true;
    const pending = this.pending.splice(0);
    // What follows a failed sync was never written.
    return this.failure === null ? pending : [];
  }

  load(): Promise<StoredLog> {
    return new Promise((resolve, reject) => {
      this.timeline.after(this.disk.readDelayMs(), () => {
        if (this.isClosed || this.written !== null) return reject(new Error('this log is in use or closed'));
        const { durable, incarnation } = this.disk;
        this.disk.dropUnnamed();
        this.written = durable.copy();
        const { hardState, base, entries, members } = this.written;
        const tail = entries.slice(-this.disk.settings.tailEntriesMax);
        resolve({
          record: {
            hardState,
            base,
            termRanges: termRanges(entries),
            configurations: configurationsIn(entries),
            tail,
          },
          incarnation,
          clusterId: this.written.clusterId ?? clusterIdOf(entries.slice(0, hardState.commitIndex)),
          hasJoined: votersOf(this.disk.configuration).length === 0,
          members: new Map(members),
        });
      });
    });
  }

  write(batch: WriteBatch, done: (error: Error | null) => void): void {
    this.add({ kind: 'write', batch }, done);
  }

  bindMember(peer: NodeId, incarnation: Incarnation, done: (error: Error | null) => void): void {
    this.add({ kind: 'bind', peer, incarnation }, done);
  }

  read(
    from: LogIndex,
    through: LogIndex,
    bytesMax: number,
    done: (error: Error | null, entries: readonly Entry[]) => void,
  ): void {
    // What is read is what stands there at some time between the call and its answer.
    const early = this.disk.chance.chance(0.5) ? this.entries(from, through, bytesMax) : null;
    this.timeline.after(this.disk.readDelayMs(), () =>
      done(null, early ?? this.entries(from, through, bytesMax)),
    );
  }

  async writeSnapshot(head: SnapshotHead, content: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of content) pieces.push(piece.slice());
    return new Promise((resolve, reject) => {
      // Not gated by the life: what was renamed when the process ended is there.
      this.disk.world.after(this.disk.syncDelayMs(), () => {
        if (this.isClosed) return;
        const isFailed = this.failure !== null || this.disk.takeFailure();
        if (!isFailed) this.disk.snapshots.set(head.base.index, { head, pieces });
        this.timeline.after(0, () => (isFailed ? reject(new SyncFailedError()) : resolve()));
      });
    });
  }

  openSnapshot(index: LogIndex): Promise<StoredSnapshot> {
    return new Promise((resolve, reject) => {
      this.timeline.after(this.disk.readDelayMs(), () => {
        const found = this.disk.snapshots.get(index);
        if (found === undefined) reject(new Error(`there is no snapshot at ${index}`));
        else resolve({ head: found.head, content: eachOf(found.pieces) });
      });
    });
  }

  close(): Promise<void> {
    this.closing ??= new Promise((resolve) => {
      const end = () => {
        this.isClosed = true;
        resolve();
      };
      if (this.isBusy) this.onIdle = end;
      else this.timeline.after(0, end);
    });
    return this.closing;
  }

  private entries(from: LogIndex, through: LogIndex, bytesMax: number): readonly Entry[] {
    const wanted = this.written?.between(from, through) ?? [];
    let bytes = 0;
    const beyond = wanted.findIndex(({ data }, at) => {
      bytes += data.length + ENTRY_OVERHEAD_BYTES;
      return at > 0 && bytes > bytesMax;
    });
    return beyond === -1 ? wanted : wanted.slice(0, beyond);
  }

  private add(operation: Operation, done: (error: Error | null) => void): void {
    if (this.isClosed) return this.timeline.after(0, () => done(new Error('this log is closed')));
    if (this.failure === null) {
      try {
        this.written?.take(operation, this.disk.snapshots);
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
      }
    }
    this.pending.push({ operation, done });
    if (!this.isSyncing) this.sync();
  }

  /** Group commit: whatever is under way when a sync begins is durable when it ends. */
  private sync(): void {
    this.isSyncing = true;
    const count = this.pending.length;
    this.disk.world.after(this.disk.syncDelayMs(), () => this.onSynced(count));
  }

  private onSynced(count: number): void {
    if (this.isClosed) return;
    const { stalledForMs } = this.disk;
    if (stalledForMs > 0) return this.disk.world.after(stalledForMs, () => this.onSynced(count));
    const group = this.pending.splice(0, count);
    if (this.failure === null && this.disk.takeFailure()) {
      this.failure = new SyncFailedError();
      this.disk.keepSome(group);
    } else if (this.failure === null) this.disk.keepAll(group);
    const { failure } = this;
    this.timeline.after(0, () => {
      for (const { done } of group) done(failure);
      if (!this.isBusy) this.onIdle();
    });
    this.isSyncing = false;
    if (this.isBusy) this.sync();
  }
}

async function* eachOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}

function configurationsIn(entries: readonly Entry[]): IndexedConfiguration[] {
  return entries.flatMap((entry) =>
    entry.kind === 'configuration' ? [{ index: entry.index, configuration: entry.configuration }] : [],
  );
}

function termRanges(entries: readonly Entry[]): TermRange[] {
  const ranges: TermRange[] = [];
  for (const { index, term } of entries) {
    if (ranges.at(-1)?.term !== term) ranges.push({ firstIndex: index, term });
  }
  return ranges;
}
