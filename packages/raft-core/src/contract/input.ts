/** All that can happen to a node. */

import type { LogIndex, NodeId, Ref, WriteNumber } from '../basics/brands.ts';
import type { MembershipTargets } from './configuration.ts';
import type { Entry } from './entry.ts';
import type { Message } from './message.ts';
import type { Base } from './record.ts';

/** One thing that happened to a node; `step` says what is true after it. */
export type Input =
  /** The time that `flush` asked for in `wakeAtMs` has come. Early or repeated ones do no harm. */
  | { readonly kind: 'timer' }
  /** Also of nodes outside the configuration: this node's may be older than theirs (R24). */
  | { readonly kind: 'receive'; readonly from: NodeId; readonly message: Message }
  /** Replicate `data`. Ends in one `result`. */
  | { readonly kind: 'propose'; readonly ref: Ref; readonly data: Uint8Array }
  /**
   * From which index on is a read linearizable? Ends in one `readable`, or a refusing `result`. A node that does not lead
   * refuses, or with `asksLeader` asks who does; then `maxStalenessMs` above 0 lets it serve what it asked for so long ago.
   */
  | {
      readonly kind: 'read';
      readonly ref: Ref;
      readonly asksLeader?: boolean;
      readonly maxStalenessMs?: number;
    }
  /**
   * Make `targets` the configuration. Ends in one `result`: committed once they are committed alone, the joint
   * configuration on the way left (R22). Refused unless the configuration in force is that of entry `ifIndex`; `null` for
   * any. `force` waives that new voters have caught up, never that a quorum of old and of new voters answers (R23).
   */
  | {
      readonly kind: 'changeMembership';
      readonly ref: Ref;
      readonly targets: MembershipTargets;
      readonly ifIndex: LogIndex | null;
      readonly force: boolean;
    }
  /**
   * Hand leadership to `target`, or to the best match where that is `null`. Ends in one `result`: `transferred`, or refused
   * where this node goes on as it was. Proposals are refused meanwhile, reads go on. Source: Diss. §3.10.
   */
  | { readonly kind: 'transferLeadership'; readonly ref: Ref; readonly target: NodeId | null }
  /** Begin a pre-vote now; nothing on a leader or a node that is no voter. */
  | { readonly kind: 'campaign' }
  /** All writes up to this one are on disk, in order. */
  | { readonly kind: 'persisted'; readonly write: WriteNumber }
  /**
   * The clock that gives `nowMs` may have stood still: a leader takes its lease for over (R19). Repeated it does no harm
   * but that reads ask again.
   */
  | { readonly kind: 'leaseDoubt' }
  /** A write failed. The node is of no more use: it refuses everything (R6). */
  | { readonly kind: 'persistFailed' }
  /** Entries up to this one took effect in the state machine; that of a snapshot's base where one was installed. */
  | { readonly kind: 'applied'; readonly index: LogIndex }
  /**
   * A snapshot of all up to `index`, which was applied, is on disk, whole and under its name: what is before it may go. An
   * older one than the last does nothing, nor does one from before a node that joins knows who takes part. The base for it: `baseAt`.
   */
  | { readonly kind: 'compacted'; readonly index: LogIndex }
  /** A snapshot came from `from`, and is on disk here, whole and under its name (R33). */
  | { readonly kind: 'snapshotReceived'; readonly from: NodeId; readonly base: Base }
  /**
   * The answer to the last `sendSnapshot` to `peer`: delivered once its node has been told `snapshotReceived`; otherwise it
   * is sent again with a later heartbeat.
   */
  | { readonly kind: 'snapshotSent'; readonly peer: NodeId; readonly isDelivered: boolean }
  /** The answer to one `fetch`: entries from `from` on, at least one where they could be read. */
  | {
      readonly kind: 'fetched';
      readonly peer: NodeId | null;
      readonly from: LogIndex;
      readonly entries: readonly Entry[];
    }
  /**
   * There is a new connection to `peer`, with or without a `peerDisconnected` before it: what was under way may be lost,
   * and a leader speaks at once (R13). It is no answer of the peer, and repeated it does no harm.
   */
  | { readonly kind: 'peerConnected'; readonly peer: NodeId }
  /** The last connection to `peer` is gone; `processGone` where its process is believed to be (R13). */
  | { readonly kind: 'peerDisconnected'; readonly peer: NodeId; readonly processGone: boolean };
