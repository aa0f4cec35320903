/** One position of the replicated log. Source: Raft §5.3. */

import type { LogIndex, Term } from '../basics/brands.ts';
import { configurationBytes, type Configuration } from './configuration.ts';

/** `no-op` opens a leader's term (Raft §8); `command` carries bytes of the host, `configuration` who takes part. */
export type EntryKind = Entry['kind'];

/** A command, or the no-op of a new leader, at its place in the log. */
export interface DataEntry {
  /** One above that of the entry before it. */
  readonly index: LogIndex;
  /** Of the leader that appended it; never below that of the entry before it. */
  readonly term: Term;
  /** Only a command means something to the host's state machine. */
  readonly kind: 'command' | 'no-op';
  /** Belongs to the core from `propose` or `receive` on: the host never changes it afterwards (R9). */
  readonly data: Uint8Array;
}

/** A configuration at its place in the log; in force on each node from when it is appended there (Raft §6). */
export interface ConfigurationEntry {
  /** One above that of the entry before it. */
  readonly index: LogIndex;
  /** Of the leader that appended it; never below that of the entry before it. */
  readonly term: Term;
  /** Only the core reads it; the host's state machine passes over it. */
  readonly kind: 'configuration';
  /** Empty. */
  readonly data: Uint8Array;
  /** In force from here on. */
  readonly configuration: Configuration;
}

/** One position of the log, and what stands there. */
export type Entry = DataEntry | ConfigurationEntry;

/** What an entry counts beside its payload, for its place in memory, in messages and on disk. */
const ENTRY_OVERHEAD_BYTES = 64;

/** What an entry counts against every limit in bytes: its payload and 64. */
export function entryBytes(entry: Entry): number {
  const bytes = dataBytes(entry.data);
  return entry.kind === 'configuration' ? bytes + configurationBytes(entry.configuration) : bytes;
}

/** What an entry with this payload will count. */
export function dataBytes(data: Uint8Array): number {
  return data.length + ENTRY_OVERHEAD_BYTES;
}

export function isEntryKind(kind: unknown): kind is EntryKind {
  return kind === 'command' || kind === 'no-op' || kind === 'configuration';
}
