/** What a leader knows of one peer. Source: Raft Figure 2 (nextIndex, matchIndex); Diss. §10.2.2 (windows). */

import { logIndex, round, type LogIndex, type NodeId, type Round } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';

export interface Progress {
  /** The peer's. */
  readonly id: NodeId;
  /** The peer has said that it holds our log up to here, on disk. Never falls, and no hint moves it. */
  readonly matchIndex: LogIndex;
  /** The next entry to send. */
  readonly nextIndex: LogIndex;
  /** Whether one append is under way, or as many as the window allows, or entries are read for it. */
  readonly flow: Flow;
  /** The highest commitIndex that a message under way lets the peer take over. */
  readonly sentCommit: LogIndex;
  /** The latest round that a message to the peer carried. */
  readonly sentRound: Round;
  /** The latest round that the peer has confirmed. */
  readonly echoedRound: Round;
  /** The latest round whose message the peer answered with a promise (R20). */
  readonly promisedRound: Round;
  /** When the peer last answered in this term. */
  readonly lastReplyMs: number;
  /** There is a new connection to it, and nothing was sent on it yet (R13). */
  readonly isNewlyConnected: boolean;
}

export type Flow =
  /**
   * Where the logs part is not known: one append under way, repeated without entries by each heartbeat. It went up to
   * `sentThrough`, the entry before `nextIndex` where it had no entries; `null` while none is under way.
   */
  | { readonly kind: 'probing'; readonly sentThrough: LogIndex | null }
  /** Entries stream; `inFlight` has the last index of each append under way, rising. */
  | { readonly kind: 'replicating'; readonly inFlight: readonly LogIndex[] }
  /** Entries from `from` on are being read from the disk for it, asked for at `sinceMs` (R15). */
  | { readonly kind: 'fetching'; readonly from: LogIndex; readonly sinceMs: number }
  /** The snapshot of our base is on its way; `nextIndex` is behind it. Taken for lost at `giveUpAtMs` (R33). */
  | { readonly kind: 'snapshot'; readonly giveUpAtMs: number };

export type ProgressDraft = { -readonly [Field in keyof Progress]: Progress[Field] };

/** The one place where this shape is copied: a literal, which costs a fraction of an object spread. */
export function copyProgress(progress: Progress): ProgressDraft {
  return {
    id: progress.id,
    matchIndex: progress.matchIndex,
    nextIndex: progress.nextIndex,
    flow: progress.flow,
    sentCommit: progress.sentCommit,
    sentRound: progress.sentRound,
    echoedRound: progress.echoedRound,
    promisedRound: progress.promisedRound,
    lastReplyMs: progress.lastReplyMs,
    isNewlyConnected: progress.isNewlyConnected,
  };
}

/** A peer at the start of a leadership. Source: Raft Figure 2 (reinitialized after election). */
export function newProgress(id: NodeId, lastIndex: LogIndex, nowMs: number): Progress {
  return {
    id,
    matchIndex: logIndex(0),
    nextIndex: logIndex(lastIndex + 1),
    flow: { kind: 'probing', sentThrough: null },
    sentCommit: logIndex(0),
    sentRound: round(0),
    echoedRound: round(0),
    promisedRound: round(0),
    lastReplyMs: nowMs,
    // A new leader speaks to everyone at once anyway.
    isNewlyConnected: false,
  };
}

/**
 * All that was under way is taken for lost: probe from just after what is certain (R10), in a log that begins behind
 * `baseIndex`. A peer that was being probed is probed at the same place: from its match, which begins at 0, it would be
 * sent the whole log again.
 */
export function probeAgain(draft: ProgressDraft, baseIndex: LogIndex): void {
  const certain = draft.matchIndex > baseIndex ? draft.matchIndex : baseIndex;
  probeFrom(draft, draft.flow.kind === 'replicating' ? logIndex(certain + 1) : draft.nextIndex);
}

export function probeFrom(draft: ProgressDraft, nextIndex: LogIndex): void {
  invariant(
    nextIndex > draft.matchIndex,
    'match-below-next',
    () => `${draft.id}: next ${nextIndex}, match ${draft.matchIndex}`,
  );
  draft.nextIndex = nextIndex;
  draft.flow = { kind: 'probing', sentThrough: null };
}

/**
 * The place was found, and entries stream from it. What was sent as a probe is under way still where the answer was to
 * a heartbeat: the peer's disk may be slow, and would get it again with every heartbeat. A loss is found by the next.
 */
export function streamAfterProbe(draft: ProgressDraft, sentThrough: LogIndex | null): void {
  if (sentThrough === null || sentThrough <= draft.matchIndex) {
    draft.flow = { kind: 'replicating', inFlight: [] };
    return;
  }
  draft.nextIndex = logIndex(sentThrough + 1);
  draft.flow = { kind: 'replicating', inFlight: [sentThrough] };
}

/** The peer holds our log up to `matched`. Says whether that is news. */
export function raiseMatch(draft: ProgressDraft, matched: LogIndex): boolean {
  if (matched < draft.matchIndex) return false;
  const isNews = matched > draft.matchIndex;
  draft.matchIndex = matched;
  if (draft.nextIndex <= matched) draft.nextIndex = logIndex(matched + 1);
  return isNews;
}
