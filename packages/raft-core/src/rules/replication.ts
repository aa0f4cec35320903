/**
 * What a leader learns from its peers' answers and connections. Source: Raft §5.3; windows Diss. §10.2.2; rules R10, R13.
 */

import { logIndex, type LogIndex, type NodeId } from '../basics/brands.ts';
import { assertNever } from '../basics/invariants.ts';
import type { AppendRefusal, AppendReply, RoundReply } from '../contract/message.ts';
import type { Fault } from '../contract/status.ts';
import { lastAtOrBelow, lastIndex, next, previous } from '../state/log.ts';
import type { Draft, NodeState } from '../state/node-state.ts';
import {
  copyProgress,
  probeFrom,
  probeAgain,
  raiseMatch,
  streamAfterProbe,
  type ProgressDraft,
} from '../state/progress.ts';
import { copyLeader, type Leader, type LeaderDraft } from '../state/role.ts';
import { advanceCommit } from './commit.ts';
import { waitAnew } from './compaction.ts';
import { onPromise } from './lease.ts';
import { blame } from './peer-faults.ts';
import { confirmRounds } from './read-index.ts';
import { sendSnapshot } from './snapshot-sending.ts';

const BEFORE_ALL = logIndex(0);

type Reply = AppendReply | AppendRefusal | RoundReply;

/** What one step may change of a leader and one of its peers. */
interface OwnProgress {
  readonly leader: LeaderDraft;
  readonly progress: ProgressDraft;
}

export function onAppendReply(draft: Draft, from: NodeId, reply: AppendReply): void {
  const heard = hear(draft, from, reply);
  if (heard === null) return;
  const { leader, progress } = heard;
  const isNews = raiseMatch(progress, reply.matched);
  const wasReceiving = progress.flow.kind === 'snapshot';
  moveFlow(progress, reply.matched);
  if (wasReceiving && progress.flow.kind === 'replicating') waitAnew(draft);
  // What is at or below the commit index moves it no further, whoever holds it.
  if (isNews && reply.matched > draft.commitIndex) advanceCommit(draft, leader);
}

export function onAppendRefusal(draft: Draft, from: NodeId, refusal: AppendRefusal): void {
  const heard = hear(draft, from, refusal);
  if (heard === null || isOldRefusal(heard.progress, refusal.prevIndex)) return;
  const nextIndex = nextProbe(draft, heard.progress, refusal);
  if (nextIndex > draft.log.base.index) probeFrom(heard.progress, nextIndex);
  else sendSnapshot(draft, heard.progress);
}

/** Says that we lead, and nothing about the log. */
export function onRoundReply(draft: Draft, from: NodeId, reply: RoundReply): void {
  hear(draft, from, reply);
}

/** The last connection to `peer` is gone, and with it whatever was under way. */
export function onPeerLost(draft: Draft, peer: NodeId): void {
  const own = progressOf(draft, peer);
  if (own !== null) loseUnderWay(draft, own.progress);
}

/**
 * There is a new connection to `peer`. It may have come before the end of the one before was noticed: so what was under
 * way is taken for lost here too. The peer is spoken to at the next flush, and not only at the next heartbeat (R13).
 */
export function onPeerConnected(draft: Draft, peer: NodeId): void {
  const own = progressOf(draft, peer);
  if (own === null) return;
  loseUnderWay(draft, own.progress);
  own.progress.isNewlyConnected = true;
}

/** What is being read for the peer is not under way to it, and goes on being read. */
function loseUnderWay({ log }: NodeState, progress: ProgressDraft): void {
  if (progress.flow.kind !== 'fetching') probeAgain(progress, log.base.index);
}

/**
 * The hint's term on our side: we agree with the peer at most up to where our terms are no higher than the hint's.
 * Each round trip so passes over a whole term. Where we agree before our base, or not even there, it is at most the base.
 * Source: Raft §5.3 (last paragraphs).
 */
function nextProbe(draft: Draft, progress: ProgressDraft, refusal: AppendRefusal): LogIndex {
  const agreed = lastAtOrBelow(draft.log, refusal.hintIndex, refusal.hintTerm) ?? BEFORE_ALL;
  const within = agreed < refusal.prevIndex ? agreed : previous(refusal.prevIndex);
  return next(within > progress.matchIndex ? within : progress.matchIndex);
}

/** Does a refusal of `prevIndex` speak of what we have learned better since? */
function isOldRefusal(progress: ProgressDraft, prevIndex: LogIndex): boolean {
  // Who is being sent a snapshot is known to lack the base.
  if (prevIndex <= progress.matchIndex || progress.flow.kind === 'snapshot') return true;
  return progress.flow.kind !== 'replicating' && prevIndex !== progress.nextIndex - 1;
}

/** An append up to `matched` arrived: the window opens, a probe has found its place. */
function moveFlow(progress: ProgressDraft, matched: LogIndex): void {
  const { flow } = progress;
  switch (flow.kind) {
    case 'probing':
      if (matched >= progress.nextIndex - 1) streamAfterProbe(progress, flow.sentThrough);
      return;
    case 'replicating':
      progress.flow = { kind: 'replicating', inFlight: flow.inFlight.filter((index) => index > matched) };
      return;
    case 'fetching':
      // What is being read for the peer has reached it on another way.
      if (matched >= flow.from) progress.flow = { kind: 'replicating', inFlight: [] };
      return;
    case 'snapshot':
      // It holds the base, by this stream or another.
      if (matched >= progress.nextIndex - 1) progress.flow = { kind: 'replicating', inFlight: [] };
      return;
    default:
      assertNever(flow);
  }
}

/**
 * Every answer of our term shows that the peer is there and takes us for its leader, a refusal too. Gives the copies
 * of what we know that this step may change, or `null` where the answer is none to us.
 */
function hear(draft: Draft, from: NodeId, reply: Reply): OwnProgress | null {
  if (draft.role.kind !== 'leader' || reply.term !== draft.currentTerm) return null;
  const own = progressOf(draft, from);
  if (own === null) return null;
  const { leader, progress } = own;
  const fault = faultOf(draft, leader, reply);
  if (fault !== null) {
    blame(draft, from, fault);
    return null;
  }

  progress.lastReplyMs = draft.nowMs;
  if (reply.round > progress.echoedRound) progress.echoedRound = reply.round;
  confirmRounds(draft, leader);
  onPromise(draft, leader, progress, reply);
  return own;
}

/** Copies of what a leader knows of `peer`, in the draft's role already; `null` where there is no such leader or peer. */
function progressOf(draft: Draft, peer: NodeId): OwnProgress | null {
  if (draft.role.kind !== 'leader') return null;
  const at = draft.role.progress.findIndex((one) => one.id === peer);
  const known = draft.role.progress[at];
  if (known === undefined) return null;
  const progress = copyProgress(known);
  const leader = copyLeader(draft.role);
  leader.progress = leader.progress.with(at, progress);
  draft.role = leader;
  return { leader, progress };
}

function faultOf(state: NodeState, leader: Leader, reply: Reply): Fault | null {
  if (reply.round > leader.round) return 'round-ahead';
  return reply.kind === 'appendReply' && reply.matched > lastIndex(state.log) ? 'match-above-log' : null;
}
