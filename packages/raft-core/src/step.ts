/** The next state of a node after one input. Source: DESIGN of the core's contract in ARCHITECTURE.md. */

import { assertNever, invariant } from './basics/invariants.ts';
import type { Input } from './contract/input.ts';
import { onApplied, onFetchedToApply } from './rules/apply.ts';
import { onCompacted } from './rules/compaction.ts';
import { onProcessGone } from './rules/fail-over.ts';
import { onSnapshotReceived } from './rules/install-snapshot.ts';
import { onLeaseDoubt } from './rules/lease.ts';
import { onFollowerRead } from './rules/follower-read.ts';
import { onChangeMembership } from './rules/membership.ts';
import { fail } from './rules/office.ts';
import { onPersisted } from './rules/persistence.ts';
import { startPreVote } from './rules/pre-vote.ts';
import { onPropose } from './rules/proposal.ts';
import { onRead } from './rules/read-index.ts';
import { onReceive } from './rules/receive.ts';
import { onPeerConnected, onPeerLost } from './rules/replication.ts';
import { onFetchedForPeer } from './rules/sending.ts';
import { onSnapshotSent } from './rules/snapshot-sending.ts';
import { onTimer } from './rules/timers.ts';
import { endTransferTo, onTransferLeadership } from './rules/transfer.ts';
import { copyState, oweResult, type Draft, type NodeState } from './state/node-state.ts';

/**
 * What is true after `input` at `nowMs`; `state` stays as it was. Nothing leaves the node until `flush`: any number of
 * steps may come before one flush.
 *
 * @param nowMs milliseconds of a clock that does not go back, read after the input left its socket (R18). An earlier
 *   time than the last is taken for the last.
 * @throws {InvariantViolation} if the host broke a promise, such as reporting a write that was never handed out, or if
 *   the core is wrong. Stop the node. No message of a peer causes it.
 */
export function step(state: NodeState, input: Input, nowMs: number): NodeState {
  invariant(Number.isFinite(nowMs), 'time-is-finite', () => `nowMs ${nowMs}`);
  const draft = copyState(state);
  if (nowMs > state.nowMs) draft.nowMs = nowMs;
  if (state.role.kind === 'failed') refuse(draft, input);
  else perform(draft, input);
  return draft;
}

function perform(draft: Draft, input: Input): void {
  switch (input.kind) {
    case 'timer':
      return onTimer(draft);
    case 'receive':
      return onReceive(draft, input.from, input.message);
    case 'propose':
      return onPropose(draft, input.ref, input.data);
    case 'read':
      if (input.asksLeader === true && draft.role.kind !== 'leader')
        return onFollowerRead(draft, input.ref, input.maxStalenessMs ?? 0);
      return onRead(draft, input.ref);
    case 'changeMembership':
      return onChangeMembership(draft, input);
    case 'campaign':
      return startPreVote(draft);
    case 'transferLeadership':
      return onTransferLeadership(draft, input.ref, input.target);
    case 'persisted':
      return onPersisted(draft, input.write);
    case 'leaseDoubt':
      return onLeaseDoubt(draft);
    case 'persistFailed':
      return fail(draft);
    case 'applied':
      return onApplied(draft, input.index);
    case 'fetched':
      if (input.peer === null) return onFetchedToApply(draft, input.from, input.entries);
      return onFetchedForPeer(draft, input.peer, input.from, input.entries);
    case 'compacted':
      return onCompacted(draft, input.index);
    case 'snapshotReceived':
      return onSnapshotReceived(draft, input.from, input.base);
    case 'snapshotSent':
      return onSnapshotSent(draft, input.peer, input.isDelivered);
    case 'peerConnected':
      return onPeerConnected(draft, input.peer);
    case 'peerDisconnected':
      onPeerLost(draft, input.peer);
      endTransferTo(draft, input.peer);
      return input.processGone ? onProcessGone(draft, input.peer) : undefined;
    default:
      return assertNever(input);
  }
}

/** A failed node is final: it answers who asks, and hears nothing else (R6). */
function refuse(draft: Draft, input: Input): void {
  if (!('ref' in input)) return;
  oweResult(draft, input.ref, { outcome: 'refused', reason: 'failed', leader: null });
}
