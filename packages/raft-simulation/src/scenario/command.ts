/** What a scenario can do to a cluster. Each command does one thing; the README of the scenarios shows them on a page. */

import type { LogIndex, NodeId, Term } from '@raftkv/core';

/** One direction between two nodes. */
export interface Link {
  readonly from: NodeId;
  readonly to: NodeId;
}

/** Which messages and snapshots under way are meant: those of `links`, all where there are none; of each only the first or the last. */
export interface Selection {
  readonly links: readonly Link[];
  readonly which: 'all' | 'first' | 'last';
}

/** What becomes of these, where they are snapshots, is told to who sent them if it `isNoticed`. */
export interface NoticedSelection extends Selection {
  readonly isNoticed: boolean;
}

/** Limits and times of all nodes, in the words of the scenarios; a number of entries stands for their bytes. */
export interface ClusterOptions {
  readonly heartbeatMs?: number;
  readonly electionTimeoutMinMs?: number;
  readonly electionTimeoutMaxMs?: number;
  readonly appendBytesMax?: number;
  readonly inFlightAppendsMax?: number;
  readonly tailEntriesMax?: number;
  readonly uncommittedBytesMax?: number;
  readonly waitingReadsMax?: number;
  readonly leasePromiseMs?: number;
  readonly snapshotTimeoutMs?: number;
  readonly compactionWaitMaxMs?: number;
  readonly clockDriftMaxMs?: number;
}

/** A node in a state that was not reached by inputs. */
export interface GivenNode {
  readonly id: NodeId;
  /** `leader` knows how far each log agrees with its own; `new-leader` knows nothing yet (Raft Figure 2). */
  readonly role: 'follower' | 'leader' | 'new-leader' | 'down';
  readonly currentTerm: Term;
  /** `undefined` stands for the leader of that term, where there is one. */
  readonly votedFor: NodeId | null | undefined;
  /** The last entry that a snapshot holds; 0 without one. */
  readonly base: { readonly index: LogIndex; readonly term: Term };
  /** The term of each entry above the base. */
  readonly terms: readonly Term[];
}

/** A whole cluster in a state that was not reached by inputs. */
export interface Given {
  readonly options: ClusterOptions;
  /** Known to each node, as far as its log goes. */
  readonly commitIndex: number;
  readonly nodes: readonly GivenNode[];
}

/** A read, asked of `node`. */
export interface ReadRequest {
  readonly node: NodeId;
  /** Where it does not lead, it asks who does. */
  readonly asksLeader: boolean;
  /** Above 0: it may answer with what it asked for so long ago. */
  readonly maxStalenessMs: number;
}

/** A change of membership, asked of `node`. */
export interface MembershipRequest {
  readonly node: NodeId;
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** Only if the configuration in force is that of this entry; `null` for any. */
  readonly ifIndex: number | null;
  /** New voters need not have caught up. */
  readonly force: boolean;
}

/** One line of a scenario. */
export type Command =
  | {
      readonly kind: 'cluster';
      readonly nodes: readonly NodeId[];
      /** Those that are there, and no members yet. */
      readonly joining: readonly NodeId[];
      readonly options: ClusterOptions;
    }
  | ({ readonly kind: 'given' } & Given)
  | { readonly kind: 'campaign'; readonly node: NodeId }
  | { readonly kind: 'elect'; readonly node: NodeId; readonly voters: readonly NodeId[] }
  | { readonly kind: 'propose'; readonly node: NodeId; readonly texts: readonly string[] }
  | ({ readonly kind: 'read' } & ReadRequest)
  | ({ readonly kind: 'change' } & MembershipRequest)
  /** Leadership goes to `target`; `null` is the best match. */
  | { readonly kind: 'transfer'; readonly node: NodeId; readonly target: NodeId | null }
  /** There is a snapshot of all up to `index`. */
  | { readonly kind: 'compact'; readonly node: NodeId; readonly index: number }
  | { readonly kind: 'doubt'; readonly node: NodeId }
  | { readonly kind: 'tick'; readonly node: NodeId }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'run'; readonly ms: number }
  | ({ readonly kind: 'deliver' } & NoticedSelection)
  | ({ readonly kind: 'drop' } & NoticedSelection)
  | ({ readonly kind: 'repeat' } & Selection)
  | { readonly kind: 'stabilize'; readonly nodes: readonly NodeId[] }
  | { readonly kind: 'replicate'; readonly node: NodeId; readonly peer: NodeId }
  | { readonly kind: 'cut'; readonly nodes: readonly NodeId[]; readonly isNoticed: boolean }
  | { readonly kind: 'heal' }
  | { readonly kind: 'connect'; readonly node: NodeId; readonly peer: NodeId }
  | {
      readonly kind: 'disconnect';
      readonly node: NodeId;
      readonly peer: NodeId;
      readonly processGone: boolean;
    }
  | { readonly kind: 'stall-disk'; readonly node: NodeId }
  | { readonly kind: 'resume-disk'; readonly node: NodeId }
  | { readonly kind: 'fail-disk'; readonly node: NodeId }
  | { readonly kind: 'hold-machine'; readonly node: NodeId }
  | { readonly kind: 'release-machine'; readonly node: NodeId }
  | { readonly kind: 'sync'; readonly node: NodeId; readonly write: number | null }
  | { readonly kind: 'crash'; readonly node: NodeId; readonly keptWrites: number }
  | { readonly kind: 'restart'; readonly node: NodeId }
  | { readonly kind: 'status'; readonly nodes: readonly NodeId[] }
  | { readonly kind: 'log'; readonly nodes: readonly NodeId[] }
  | { readonly kind: 'progress'; readonly node: NodeId };
