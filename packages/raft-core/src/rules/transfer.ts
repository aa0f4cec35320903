/**
 * Leadership handed over on purpose: the leader takes no more proposals, waits until the target holds its whole log, and
 * tells it to campaign at once. A transfer changes who asks for votes, and when, never what a vote needs. Source: Diss.
 * §3.10; rules R11, R12, R15.
 */

import { term, writeNumber, type NodeId, type Ref } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import { isVoter } from '../contract/configuration.ts';
import type { Effect, RefusalReason } from '../contract/effect.ts';
import type { TimeoutNow } from '../contract/message.ts';
import { lastIndex } from '../state/log.ts';
import { configurationOf, isDiskStalled, leaderOf, oweResult, type Draft } from '../state/node-state.ts';
import { copyLeader, type Leader } from '../state/role.ts';
import { startCampaign } from './election.ts';
import { isPromisedAgainst } from './promise.ts';

const AT_ONCE = writeNumber(0);

/** Begins a transfer, or says why not. One at a time: which of two the cluster followed, nobody could say. */
export function onTransferLeadership(draft: Draft, ref: Ref, target: NodeId | null): void {
  const { role } = draft;
  if (role.kind !== 'leader') return refuse(draft, ref, 'not-leader');
  if (role.transfer !== null) return refuse(draft, ref, 'transferring');
  if (target === draft.options.id) return refuse(draft, ref, 'target-leads');

  const chosen = target ?? bestMatch(draft, role);
  const isKnown = role.progress.some(({ id }) => id === chosen);
  if (chosen === null || !isKnown || !isVoter(configurationOf(draft), chosen)) {
    return refuse(draft, ref, 'no-such-target');
  }
  begin(draft, role, ref, chosen);
}

/** A leader whose disk stands still hands over instead of leaving the cluster to a timeout; says whether it can (R15). */
export function transferAway(draft: Draft, leader: Leader): boolean {
  const target = bestMatch(draft, leader);
  if (target !== null) begin(draft, leader, null, target);
  return target !== null;
}

/** One election timeout is over: this node leads on. A target that was told may campaign yet, and is then elected or not. */
export function endLateTransfer(draft: Draft): void {
  const { role } = draft;
  if (role.kind === 'leader' && role.transfer !== null && draft.nowMs >= role.transfer.giveUpAtMs) {
    giveUp(draft, role);
  }
}

/** The last connection to `peer` is gone: what it was told may be lost. */
export function endTransferTo(draft: Draft, peer: NodeId): void {
  if (draft.role.kind === 'leader' && draft.role.transfer?.target === peer) giveUp(draft, draft.role);
}

/** At a flush: a target that holds our whole log on its disk is told, once. Before that it would lose its election. */
export function tellTarget(draft: Draft, effects: Effect[]): void {
  const { role } = draft;
  if (role.kind !== 'leader' || role.transfer === null || role.transfer.isTold) return;
  const { transfer } = role;
  const progress = role.progress.find(({ id }) => id === transfer.target);
  if (progress === undefined || progress.matchIndex < lastIndex(draft.log)) return;

  // Whoever promised votes for the target all the same: reads by that promise would see an old state (R20).
  invariant(role.lease === null, 'no-lease-in-transfer', () => `${transfer.target} is to be told`);
  const leader = copyLeader(role);
  leader.transfer = { ...transfer, isTold: true };
  draft.role = leader;
  const message = { kind: 'timeoutNow', term: draft.currentTerm } as const;
  effects.push({ kind: 'send', to: transfer.target, message, afterWrite: AT_ONCE });
}

/** Campaigns at once, without a pre-vote: those who hear the leader would refuse it. Only our leader of now may say so (R12). */
export function onTimeoutNow(draft: Draft, from: NodeId, message: TimeoutNow): void {
  const { role, options } = draft;
  if (message.term !== draft.currentTerm || role.kind !== 'follower' || role.leader !== from) return;
  // A node whose disk does not answer could not vote for itself (R15).
  if (!isVoter(configurationOf(draft), options.id) || isDiskStalled(draft)) return;
  // What it promised before a restart it promised to somebody, and nobody knows to whom (R20).
  const campaign = { term: term(draft.currentTerm + 1), isTransfer: true };
  if (isPromisedAgainst(draft, options.id, campaign)) return;
  startCampaign(draft, true);
}

/** Of the voters that answer, the one that lacks least; the first of equals in the order of the configuration. */
function bestMatch(draft: Draft, { progress }: Leader): NodeId | null {
  const { nowMs, options } = draft;
  const configuration = configurationOf(draft);
  let best: Leader['progress'][number] | null = null;
  for (const peer of progress) {
    const isNear = nowMs - peer.lastReplyMs < options.electionTimeoutMinMs;
    if (isNear && isVoter(configuration, peer.id) && (best === null || peer.matchIndex > best.matchIndex))
      best = peer;
  }
  return best?.id ?? null;
}

function begin(draft: Draft, role: Leader, ref: Ref | null, target: NodeId): void {
  const leader = copyLeader(role);
  const giveUpAtMs = draft.nowMs + draft.options.electionTimeoutMaxMs;
  leader.transfer = { ref, target, giveUpAtMs, isTold: false };
  // Before the target is told: from then on voters are free, whatever they have promised. This term takes none again (R20).
  leader.lease = null;
  draft.role = leader;
}

function giveUp(draft: Draft, role: Leader): void {
  const ref = role.transfer?.ref ?? null;
  const leader = copyLeader(role);
  leader.transfer = null;
  draft.role = leader;
  if (ref !== null) refuse(draft, ref, 'transfer-failed');
}

function refuse(draft: Draft, ref: Ref, reason: RefusalReason): void {
  oweResult(draft, ref, { outcome: 'refused', reason, leader: leaderOf(draft) });
}
