/** How the cases for a log write and read one: with promises, and with logs in the notation of the paper. */

import {
  firstConfiguration,
  logIndex,
  nodeId,
  recover,
  term,
  type Configuration,
  type Entry,
  type HardState,
  type NodeId,
} from '@raftkv/core';
import type { LogStorage, StoredLog, WriteBatch } from '../ports/log-storage.ts';
import { assert, assertEqual } from './assert.ts';

/** Ids as odd as they may be: no implementation may take them for names of files. */
export const SELF: NodeId = nodeId('n1/../\u0000 ü');
export const PEER: NodeId = nodeId('😀');
export const CONFIGURATION: Configuration = firstConfiguration([
  { id: SELF, data: Uint8Array.of(0, 255, 10, 13) },
  { id: PEER, data: new Uint8Array(0) },
]);

/** A medium under test, which keeps what is written between two storages that open it. */
export interface LogStorageHarness {
  /** A new storage object over the same medium, not yet loaded; the one before is closed. */
  open(): Promise<LogStorage>;
  /** Longer tails than this must not come out of `load`. */
  readonly tailEntriesMax: number;
  /** Called once at the end of each case. */
  dispose(): Promise<void>;
}

/** A medium and the storage that is open over it. */
export class LogMedium {
  private readonly harness: LogStorageHarness;
  private current: LogStorage | null = null;

  constructor(harness: LogStorageHarness) {
    this.harness = harness;
  }

  get storage(): LogStorage {
    assert(this.current !== null, 'a case opens the storage first');
    return this.current;
  }

  get tailEntriesMax(): number {
    return this.harness.tailEntriesMax;
  }

  /** Closes what is open, opens it anew and says what it holds. */
  async open(): Promise<StoredLog> {
    await this.current?.close();
    this.current = await this.harness.open();
    const stored = await this.current.load();
    // The core refuses a record that contradicts itself.
    recover({ id: SELF, seed: 1, clusterIdProposal: new Uint8Array(16) }, stored.record, 0);
    return stored;
  }

  /** Resolves when the write is done; `onDone` runs just when that is called back. */
  write(batch: Partial<WriteBatch>, onDone: () => void = () => {}): Promise<void> {
    const { storage } = this;
    return settled((done) => {
      storage.write(
        { hardState: null, newBase: null, truncateFrom: null, entries: [], ...batch },
        (error) => {
          onDone();
          done(error);
        },
      );
    });
  }

  /** The log `from` to `through`, put together from as many reads as it takes. */
  async log(from: number, through: number): Promise<string> {
    const read: Entry[] = [];
    while (from + read.length <= through) {
      const more = await this.read(from + read.length, through, 1000);
      assert(more.length > 0, `nothing was read at ${from + read.length}`);
      read.push(...more);
    }
    return namesOf(read);
  }

  read(
    from: number,
    through: number,
    bytesMax: number,
    onDone: () => void = () => {},
  ): Promise<readonly Entry[]> {
    const { storage } = this;
    return new Promise((resolve, reject) => {
      storage.read(logIndex(from), logIndex(through), bytesMax, (error, read) => {
        onDone();
        if (error === null) resolve(read);
        else reject(error);
      });
    });
  }

  async dispose(): Promise<void> {
    await this.current?.close();
    await this.harness.dispose();
  }
}

/** A callback that is given an error or none, as a promise. */
export function settled(begin: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => (error === null ? resolve() : reject(error)));
  });
}

/** `1@1 2@1 3@4`: index and term of each entry. The data of each names it. */
export function entries(text: string): Entry[] {
  return text.split(' ').map((name) => {
    const [index, inTerm] = name.split('@').map(Number);
    assert(index !== undefined && inTerm !== undefined, `${name} names no entry`);
    return {
      index: logIndex(index),
      term: term(inTerm),
      kind: 'command',
      data: new TextEncoder().encode(name),
    };
  });
}

/** Entries `from` to `through` of one term. */
export function entriesOf(inTerm: number, from: number, through: number): Entry[] {
  const names = Array.from({ length: through - from + 1 }, (_, at) => `${from + at}@${inTerm}`);
  return entries(names.join(' '));
}

/** As `entries` takes it; checks that each entry is the one that its data names. */
export function namesOf(log: readonly Entry[]): string {
  const names = log.map((entry) => `${entry.index}@${entry.term}`);
  assertEqual(
    log.map(({ data }) => new TextDecoder().decode(data)),
    names,
    'data of the entries',
  );
  return names.join(' ');
}

export function hardState(
  currentTerm: number,
  commitIndex: number,
  votedFor: NodeId | null = null,
): HardState {
  return { currentTerm: term(currentTerm), votedFor, commitIndex: logIndex(commitIndex) };
}
