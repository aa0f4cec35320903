/**
 * Reads on a node that does not lead: it asks its leader from which index on they are linearizable. Each question has a name
 * of its own, of this process alone, so that no answer to an older one is taken for its answer. A read that may be stale is
 * served from the last answer, if that was asked for recently enough. Source: Diss. §6.4; R17.
 */

import type { NodeId, Ref } from '../basics/brands.ts';
import { SharedList } from '../basics/shared-list.ts';
import type { RefusalReason } from '../contract/effect.ts';
import type { ReadReply, ReadRequest } from '../contract/message.ts';
import { noFollowerReads } from '../state/follower-reads.ts';
import {
  leaderOf,
  oweEffect,
  oweMessage,
  oweResult,
  type Draft,
  type NodeState,
} from '../state/node-state.ts';
import { addReader } from './read-index.ts';

/** A read at a node that does not lead, which may ask who does. Bounded where `maxStalenessMs` is above 0. */
export function onFollowerRead(draft: Draft, ref: Ref, maxStalenessMs: number): void {
  const { followerReads: reads, nowMs, appliedIndex, options } = draft;
  const { confirmed } = reads;
  // When this node heard its leader says nothing: that may be deposed. When it asked for what was confirmed, does (R17).
  const isFresh =
    maxStalenessMs > 0 &&
    confirmed !== null &&
    nowMs - confirmed.askedMs <= maxStalenessMs &&
    confirmed.index <= appliedIndex;
  if (isFresh) return oweEffect(draft, { kind: 'readable', ref, index: confirmed.index });

  const leader = leaderOf(draft);
  if (leader === null) return oweResult(draft, ref, { outcome: 'refused', reason: 'not-leader', leader });
  if (readsUnderWay(draft) >= options.waitingReadsMax) {
    return oweResult(draft, ref, { outcome: 'refused', reason: 'too-many-waiting-reads', leader });
  }
  draft.followerReads = { ...reads, waiting: reads.waiting.append(ref) };
}

/** At a flush: all reads that wait are one question. */
export function askLeader(draft: Draft): void {
  const { followerReads: reads, role, nowMs, currentTerm, options } = draft;
  if (reads.waiting.length === 0) return;
  if (role.kind !== 'follower' || role.leader === null) {
    draft.followerReads = { ...reads, waiting: SharedList.of<Ref>([]) };
    return refuseAll(draft, reads.waiting.slice(), 'not-leader');
  }
  const counter = reads.counter + 1;
  const asked = { counter, leader: role.leader, askedMs: nowMs, refs: reads.waiting.slice() };
  draft.followerReads = {
    ...reads,
    counter,
    waiting: SharedList.of<Ref>([]),
    asked: [...reads.asked, asked],
  };
  oweMessage(draft, role.leader, {
    kind: 'readRequest',
    term: currentTerm,
    process: processOf(options.seed),
    counter,
  });
}

/** A leader confirms the reads of others like its own; one that does not lead is silent, and the asker gives up (R17). */
export function onReadRequest(draft: Draft, from: NodeId, { term, process, counter }: ReadRequest): void {
  if (draft.role.kind !== 'leader' || term !== draft.currentTerm) return;
  addReader(draft, { peer: from, process, counter });
}

export function onReadReply(draft: Draft, from: NodeId, { process, counter, index }: ReadReply): void {
  const { followerReads: reads, options } = draft;
  if (process !== processOf(options.seed)) return;
  const answered = reads.asked.find((one) => one.counter === counter);
  if (answered === undefined || answered.leader !== from) return;
  const { askedMs } = answered;
  const isNewest = reads.confirmed === null || askedMs >= reads.confirmed.askedMs;
  draft.followerReads = {
    ...reads,
    asked: reads.asked.filter((one) => one !== answered),
    confirmed: isNewest ? { askedMs, index } : reads.confirmed,
  };
  for (const ref of answered.refs) oweEffect(draft, { kind: 'readable', ref, index });
}

/** Questions that were not answered within the shortest election timeout are given up, whatever this node is by now. */
export function giveUpReads(draft: Draft): void {
  const atMs = giveUpAtMs(draft);
  if (atMs === null || draft.nowMs < atMs) return;
  const { followerReads: reads, nowMs, options } = draft;
  const isOver = (askedMs: number) => nowMs - askedMs >= options.electionTimeoutMinMs;
  const over = reads.asked.filter(({ askedMs }) => isOver(askedMs));
  draft.followerReads = { ...reads, asked: reads.asked.filter(({ askedMs }) => !isOver(askedMs)) };
  for (const { refs } of over) refuseAll(draft, refs, 'not-leader');
}

/** When the oldest question is given up; `null` while none is under way. */
export function giveUpAtMs({ followerReads, options }: NodeState): number | null {
  const [oldest] = followerReads.asked;
  return oldest === undefined ? null : oldest.askedMs + options.electionTimeoutMinMs;
}

/** This node's disk failed: nobody is answered any more (R6). */
export function refuseFollowerReads(draft: Draft): void {
  const { asked, waiting } = draft.followerReads;
  draft.followerReads = noFollowerReads();
  for (const { refs } of asked) refuseAll(draft, refs, 'failed');
  refuseAll(draft, waiting.slice(), 'failed');
}

function refuseAll(draft: Draft, refs: readonly Ref[], reason: RefusalReason): void {
  const leader = reason === 'failed' ? null : leaderOf(draft);
  for (const ref of refs) oweResult(draft, ref, { outcome: 'refused', reason, leader });
}

function readsUnderWay({ followerReads: { asked, waiting } }: NodeState): number {
  return asked.reduce((count, { refs }) => count + refs.length, waiting.length);
}

/** The seed is another at each start of the process. */
function processOf(seed: number): number {
  return Math.abs(seed);
}
