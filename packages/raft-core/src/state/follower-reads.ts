/** What a node that does not lead has asked its leader, and what it was answered last. Source: R17. */

import type { LogIndex, NodeId, Ref } from '../basics/brands.ts';
import { SharedList } from '../basics/shared-list.ts';

/** A read that another node asks for, under a name that it made for this one question. */
export interface PeerRead {
  /** Who asks. */
  readonly peer: NodeId;
  /** Of the process that asks: one that started again does not take an old answer for its own. */
  readonly process: number;
  /** Of the question in that process. */
  readonly counter: number;
}

/** Who is told that a read is confirmed: the host, or a peer. */
export type Reader = Ref | PeerRead;

/** Reads that were asked for together. */
export interface AskedReads {
  /** Of the question. */
  readonly counter: number;
  /** Only its answer counts. */
  readonly leader: NodeId;
  /** In the time of `nowMs`, before the question left. */
  readonly askedMs: number;
  /** Answered together. */
  readonly refs: readonly Ref[];
}

export interface FollowerReads {
  /** Of the last question; rises by one with each. */
  readonly counter: number;
  /** To be asked for with the next flush. */
  readonly waiting: SharedList<Ref>;
  /** In the order of their counters. */
  readonly asked: readonly AskedReads[];
  /** The newest question that was answered, and the answer; `null` before the first. */
  readonly confirmed: { readonly askedMs: number; readonly index: LogIndex } | null;
}

/** Nothing asked yet; made anew, since lists grow in place. */
export function noFollowerReads(): FollowerReads {
  return { counter: 0, waiting: SharedList.of<Ref>([]), asked: [], confirmed: null };
}
