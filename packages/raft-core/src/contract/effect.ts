/** What the outside owes a node. Performing the list in order is correct. */

import type { LogIndex, NodeId, Ref, Term, WriteNumber } from '../basics/brands.ts';
import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Base, HardState } from './record.ts';
import type { Status } from './status.ts';

/** A log that begins behind a snapshot, which is on disk already, whole and under its name (R33). */
export interface NewBase {
  /** Of the snapshot. */
  readonly base: Base;
  /** Do the entries above the base stay? Else the log is empty behind it. */
  readonly isLogKept: boolean;
}

/** Write in this order: hard state, base, truncation, entries. Done when synced: `persisted`, which is cumulative. */
export interface Persist {
  readonly kind: 'persist';
  /** Its number; rises by one with each write. */
  readonly write: WriteNumber;
  /** `null` where the one on disk still holds. */
  readonly hardState: HardState | null;
  /** `null` where the log begins where it did. */
  readonly newBase: NewBase | null;
  /** Remove this entry and all after it. */
  readonly truncateFrom: LogIndex | null;
  /** Without a gap, to be written after the truncation. */
  readonly entries: readonly Entry[];
}

/** May be lost, delayed, repeated or overtaken. Must not leave before write `afterWrite` is synced; 0: at once. */
export interface Send {
  readonly kind: 'send';
  /** Never this node itself. */
  readonly to: NodeId;
  /** To be given to the transport as it is. */
  readonly message: Message;
  /** Waits until this write is on disk; 0 for at once (R2). */
  readonly afterWrite: WriteNumber;
}

/**
 * Stream the snapshot of `base` to a peer that lacks what only a snapshot holds. Answered by `snapshotSent`; one that takes
 * the place of another to the same peer ends that, and is answered alone.
 */
export interface SendSnapshot {
  readonly kind: 'sendSnapshot';
  /** Never this node itself. */
  readonly peer: NodeId;
  /** Of this node's log. */
  readonly base: Base;
}

/** Put the snapshot of `base` in place of all that the state machine holds. Answered by `applied`; no `apply` comes before. */
export interface InstallSnapshot {
  readonly kind: 'installSnapshot';
  /** Of this node's log. What it stands for is on disk, as the base or, until that is written, as entries. */
  readonly base: Base;
}

/** Entries committed and on this disk, in order and without a gap, no-ops too. Answered by `applied`. */
export interface Apply {
  readonly kind: 'apply';
  /** In the order of their indexes, without a gap to those handed out before. */
  readonly entries: readonly Entry[];
}

/**
 * Read entries `from` to `through`, fewer where they exceed `bytesMax`, at least one. Answered by one `fetched` that
 * names the same peer; `null` stands for this node's own state machine.
 */
export interface Fetch {
  readonly kind: 'fetch';
  /** Who is to be sent the entries; `null` where they are to be applied here. */
  readonly peer: NodeId | null;
  /** The first entry wanted. */
  readonly from: LogIndex;
  /** The last one wanted; at least `from`. */
  readonly through: LogIndex;
  /** Where the answer may end earlier, counted as in `entryBytes`; one entry always fits. */
  readonly bytesMax: number;
}

/** Confirmed: a read of the state machine is linearizable once `index` is applied, also if deposed since. */
export interface Readable {
  readonly kind: 'readable';
  /** The host's name for the read. */
  readonly ref: Ref;
  /** Up to here the state machine has to be applied before it is read. */
  readonly index: LogIndex;
}

/** Why members stay who they are. */
export type MembershipRefusal =
  /** A change of membership is under way: try again when it is done (R21). */
  | 'membership-is-changing'
  /** No entry of the leader's term is committed yet: try again in a moment (R21). */
  | 'term-not-committed'
  /** The configuration in force is not that of `ifIndex`: look at it again. */
  | 'configuration-changed'
  /** The targets have no voter, or name a node twice. */
  | 'invalid-targets'
  /** The targets name a node that was removed: it needs another id (R25). */
  | 'id-was-removed'
  /** A voter to come was no learner within `catchUpEntriesMax` of the log (R23). */
  | 'not-caught-up'
  /** No quorum of the old or of the new voters was heard within an election timeout (R23). */
  | 'no-live-quorum';

/** Why leadership stays where it is; `transferring` also of what is asked for meanwhile. */
export type TransferRefusal =
  /** Leadership is being handed to another, which `leader` names where a proposal is refused: try there, or again here. */
  | 'transferring'
  /** A transfer to this node itself, which leads already. */
  | 'target-leads'
  /** A transfer to who is no other voter, or nobody answers who could take over. */
  | 'no-such-target'
  /** A transfer took longer than an election timeout, or the connection broke: this node leads on, the target may yet campaign. */
  | 'transfer-failed';

/** Why a request was refused. */
export type RefusalReason =
  /** This node does not lead, lost office before the read was confirmed, or was not answered by who leads (R17). */
  | 'not-leader'
  /** `uncommittedBytesMax` is reached: try again when earlier proposals are committed. */
  | 'too-many-uncommitted-bytes'
  /** `waitingReadsMax` is reached: try again when earlier reads are confirmed. */
  | 'too-many-waiting-reads'
  | MembershipRefusal
  | TransferRefusal
  /** This node's disk failed. */
  | 'failed';

/** How a request ended. Exactly one for each `ref`, a confirmed read's `readable` taken as one. */
export type Result = { readonly kind: 'result'; readonly ref: Ref } & Outcome;

/** What became of a request. */
export type Outcome =
  /** Takes effect when applied at this index. */
  | { readonly outcome: 'committed'; readonly term: Term; readonly index: LogIndex }
  /** Never took effect and never will; `leader` is where to try instead, if known. */
  | { readonly outcome: 'refused'; readonly reason: RefusalReason; readonly leader: NodeId | null }
  /** Of a transfer: a later term began after the target was told; `leader` is who leads it, `null` while that is open. */
  | { readonly outcome: 'transferred'; readonly leader: NodeId | null }
  /** Office was lost before the outcome was seen: it may yet take effect. */
  | { readonly outcome: 'unknown'; readonly leader: NodeId | null };

/** Something in the status is new. */
export interface Changed {
  readonly kind: 'changed';
  /** As it is now; what was in between is not told. */
  readonly status: Status;
}

/** One thing that the host does for a node; `kind` says which. */
export type Effect =
  | Persist
  | Send
  | Apply
  | Fetch
  | SendSnapshot
  | InstallSnapshot
  | Readable
  | Result
  | Changed;
