/**
 * What a voter promises its leader: to elect nobody else for a while, by its own clock. It takes no hint, does not
 * campaign, and grants no vote and no pre-vote but to that leader. Source: Diss. §6.4.1; R20.
 */

import type { NodeId, Term } from '../basics/brands.ts';
import { invariant } from '../basics/invariants.ts';
import { isVoter } from '../contract/configuration.ts';
import type { Append, AppendRefusal, AppendReply, RoundReply, VoteRequest } from '../contract/message.ts';
import { configurationOf, type Draft, type NodeState } from '../state/node-state.ts';

/**
 * The promise that goes with the answers to `message`, of the leader that this node follows; 0 for none. What a restart
 * has to keep is on the disk first: until then there is none, and the next heartbeat asks again.
 */
export function promise(draft: Draft, leader: NodeId, { promiseMs = 0 }: Append): number {
  const { options, disk, nowMs } = draft;
  // A longer one would outlast the timeout after which this node has to be free to elect another.
  if (promiseMs === 0 || promiseMs > options.electionTimeoutMaxMs) return 0;
  if (!isVoter(configurationOf(draft), options.id)) return 0;
  if (promiseMs > draft.promiseMs) draft.promiseMs = promiseMs;
  if (promiseMs > disk.durablePromiseMs) return 0;

  const beforeMs = draft.promise?.untilMs ?? nowMs;
  const untilMs = Math.max(beforeMs, nowMs + promiseMs);
  draft.promise = { to: leader, term: draft.currentTerm, untilMs };
  return promiseMs;
}

/** An answer to an append, and what it promises; none changes nothing of it. */
export function withPromise<Reply extends AppendReply | AppendRefusal | RoundReply>(
  reply: Reply,
  promiseMs = 0,
): Reply {
  return promiseMs === 0 ? reply : { ...reply, promiseMs };
}

/** Until when this node campaigns for nobody, itself neither; `null` where it is free. */
export function promisedUntilMs({ promise: made, nowMs }: NodeState): number | null {
  return made === null || nowMs >= made.untilMs ? null : made.untilMs;
}

/** Has this node promised somebody else than `candidate` to elect nobody? */
export function isPromisedToOther(state: NodeState, candidate: NodeId): boolean {
  return promisedUntilMs(state) !== null && state.promise?.to !== candidate;
}

/**
 * Is this node bound not to vote for who asks? Not where the very leader that it promised to is handing over: that one let
 * its lease go before it told anyone, and takes none again in that term (R20).
 */
export function isPromisedAgainst(
  state: NodeState,
  candidate: NodeId,
  request: Pick<VoteRequest, 'term' | 'isTransfer'>,
): boolean {
  return isPromisedToOther(state, candidate) && !(request.isTransfer && isHandedOver(state, request.term));
}

/** The leader that the promise was made to hands over to the campaign of `term`: the promise is over. */
export function endPromiseAtTransfer(draft: Draft, term: Term): void {
  if (isHandedOver(draft, term)) draft.promise = null;
}

function isHandedOver({ promise: made }: NodeState, term: Term): boolean {
  return made !== null && made.term === term - 1;
}

/** A vote, our own too, is given to nobody but the one that we promised it to. */
export function checkPromise(state: NodeState, candidate: NodeId): void {
  invariant(
    !isPromisedToOther(state, candidate),
    'no-vote-within-promise',
    () => `${candidate} at ${state.nowMs}, promised to ${state.promise?.to} until ${state.promise?.untilMs}`,
  );
}
