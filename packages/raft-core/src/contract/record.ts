/** What a node finds on its disk when it starts. */

import { logIndex, term, type LogIndex, type NodeId, type Term } from '../basics/brands.ts';
import type { Configuration, IndexedConfiguration } from './configuration.ts';
import type { Entry } from './entry.ts';

/** Written as one, so that no crash separates a vote from its term. Source: Raft Figure 2. */
export interface HardState {
  /** Never falls. */
  readonly currentTerm: Term;
  /** Who has this node's vote in `currentTerm`; `null` while nobody has. */
  readonly votedFor: NodeId | null;
  /** Never above the log of the same write (R8). May lag: what was committed is found again by the next leader. */
  readonly commitIndex: LogIndex;
  /** The longest promise that this node has made to a leader; absent while it made none (R20). */
  readonly promiseMs?: number;
}

/** Where the log begins, and what a snapshot stands for: everything up to `index`. At index 0 before the first one. */
export interface Base {
  /** The last entry that the base stands for; 0 in a new cluster. */
  readonly index: LogIndex;
  /** Of that entry; 0 in a new cluster. */
  readonly term: Term;
  /** In force at `index`; at 0 equal on all members of a new cluster, and empty on a node that joins one. */
  readonly configuration: Configuration;
  /** Of the entry that `configuration` came with, at most `index`; 0 in a new cluster. */
  readonly configurationIndex: LogIndex;
}

/** From `firstIndex` up to the next range, every entry has this term. */
export interface TermRange {
  /** The range ends where the next one begins, or with the log. */
  readonly firstIndex: LogIndex;
  /** Above that of the range before it. */
  readonly term: Term;
}

/** All that `recover` has to be told: what a node wrote before it stopped. */
export interface DurableRecord {
  /** The last one written. */
  readonly hardState: HardState;
  /** What stands before the first entry of the log: above index 0 there is a snapshot of it (R33). */
  readonly base: Base;
  /** All terms of the log after the base, in order, including those of the tail. */
  readonly termRanges: readonly TermRange[];
  /** All configurations of the log after the base, in order, including those of the tail (R21). */
  readonly configurations: readonly IndexedConfiguration[];
  /** The last entries of the log, contiguous; at least the last one unless the log is empty. */
  readonly tail: readonly Entry[];
}

/** The record of a member of a new cluster, or of a node that joins one, that has never run. */
export function emptyRecord(configuration: Configuration): DurableRecord {
  return {
    hardState: { currentTerm: term(0), votedFor: null, commitIndex: logIndex(0) },
    base: { index: logIndex(0), term: term(0), configuration, configurationIndex: logIndex(0) },
    termRanges: [],
    configurations: [],
    tail: [],
  };
}
