/** All that one node knows, as one value. Source: Raft Figure 2 (state). */

import type { LogIndex, NodeId, Ref, Term } from '../basics/brands.ts';
import { draw } from '../basics/random.ts';
import type { SharedList } from '../basics/shared-list.ts';
import { isRemoved, type Configuration } from '../contract/configuration.ts';
import type { Effect, Outcome } from '../contract/effect.ts';
import type { Message } from '../contract/message.ts';
import type { CompleteOptions } from '../contract/options.ts';
import type { PeerFault, Status } from '../contract/status.ts';
import { stalledSinceMs, type Disk } from './disk.ts';
import type { FollowerReads, Reader } from './follower-reads.ts';
import { configurationAt, configurationIn, configurationIndexIn, type Log } from './log.ts';
import type { Role } from './role.ts';

/** A message decided in this turn; `flush` decides which write it waits for. */
export interface OwedMessage {
  /** Never this node itself. */
  readonly to: NodeId;
  /** Which write it waits for is decided when it leaves (R2). */
  readonly message: Message;
}

/** Campaigns of a node that was told that its leader's process is gone (R14). */
export interface FailOver {
  /** The longest that the wait under way may be; doubles with each campaign. */
  readonly spanMs: number;
  /** When to campaign; `null` while this candidate's own vote is not on disk. */
  readonly dueMs: number | null;
}

/** The host has a snapshot of all up to `index`; a leader waits for its peers since `sinceMs` (R33). */
export interface Compaction {
  /** The last entry in it; of several that wait, of the newest. */
  readonly index: LogIndex;
  /** In the time of `nowMs`; of several that wait, of the oldest. */
  readonly sinceMs: number;
}

/** A voter's word to elect nobody else (R20). */
export interface LeaderPromise {
  /** Who may have the vote all the same; `null` after a restart, which has forgotten. */
  readonly to: NodeId | null;
  /** Of the leadership that it was made to last; 0 after a restart. */
  readonly term: Term;
  /** In the time of `nowMs`. */
  readonly untilMs: number;
}

/** All that one node knows. It is never changed: `step` and `flush` give another. Its fields are no part of the contract. */
export interface NodeState {
  /** As given, with the defaults filled in. */
  readonly options: CompleteOptions;
  /** The latest time that a step was given; never goes back (R18). */
  readonly nowMs: number;
  /** The generator of all chance in this node. */
  readonly random: number;

  /** May be above what is on disk: `disk.durableTerm`. */
  readonly currentTerm: Term;
  /** In `currentTerm`; `null` while nobody has the vote. */
  readonly votedFor: NodeId | null;
  /** The leader seen in `currentTerm`; outlives a hint, so that a second one is recognised (R7). */
  readonly termLeader: NodeId | null;
  /** The last entry known to be committed; never falls. */
  readonly commitIndex: LogIndex;
  /** What this node has, on disk or not. */
  readonly log: Log;
  /** How much of it is on disk, and what is under way. */
  readonly disk: Disk;
  /** What the log may forget as soon as no peer needs it; `null` for nothing. */
  readonly compaction: Compaction | null;
  /** With what only this role knows. */
  readonly role: Role;

  /** An election begins this long after `electionFromMs` (R12). */
  readonly electionTimeoutMs: number;
  /** In the time of `nowMs`; moved by each append of the leader (R12). */
  readonly electionFromMs: number;
  /** When the current leader was last heard; `null` if it was not, or a hint says that it is gone (R11). */
  readonly leaderHeardMs: number | null;
  /** The wait of a node that was told that its leader is gone (R14); `null` otherwise. */
  readonly failOver: FailOver | null;
  /** When a hint was last taken; `null` before the first. */
  readonly hintedMs: number | null;
  /** The last one made; it may be over. `null` before the first. */
  readonly promise: LeaderPromise | null;
  /** The longest ever made or about to be, for the hard state; 0 for none (R20). */
  readonly promiseMs: number;

  /** What was asked of the leader for reads here (R17). */
  readonly followerReads: FollowerReads;

  /** A peer said that this node was removed, which is for ever (R26). */
  readonly wasToldRemoved: boolean;

  /** Handed out to be applied. */
  readonly handedApply: LogIndex;
  /** Known to have taken effect. */
  readonly appliedIndex: LogIndex;
  /** Since when entries to apply are being read from the disk (R15); `null` while none are. */
  readonly applyFetchSinceMs: number | null;
  /** What the last `changed` told. */
  readonly handedStatus: Status;
  /** The latest; `null` where there was none. */
  readonly peerFault: PeerFault | null;

  /** To leave with the next flush. */
  readonly owedMessages: SharedList<OwedMessage>;
  /** To leave with the next flush, in this order. */
  readonly owedEffects: SharedList<Effect>;
}

/** A copy that one `step` or `flush` owns, and alone may change, field by field. */
export type Draft = { -readonly [Field in keyof NodeState]: NodeState[Field] };

/** The one place where this shape is copied: a literal, which costs a fraction of an object spread. */
export function copyState(state: NodeState): Draft {
  return {
    options: state.options,
    nowMs: state.nowMs,
    random: state.random,
    currentTerm: state.currentTerm,
    votedFor: state.votedFor,
    termLeader: state.termLeader,
    commitIndex: state.commitIndex,
    log: state.log,
    disk: state.disk,
    compaction: state.compaction,
    role: state.role,
    electionTimeoutMs: state.electionTimeoutMs,
    electionFromMs: state.electionFromMs,
    leaderHeardMs: state.leaderHeardMs,
    failOver: state.failOver,
    hintedMs: state.hintedMs,
    promise: state.promise,
    promiseMs: state.promiseMs,
    followerReads: state.followerReads,
    wasToldRemoved: state.wasToldRemoved,
    handedApply: state.handedApply,
    appliedIndex: state.appliedIndex,
    applyFetchSinceMs: state.applyFetchSinceMs,
    handedStatus: state.handedStatus,
    peerFault: state.peerFault,
    owedMessages: state.owedMessages,
    owedEffects: state.owedEffects,
  };
}

/** The configuration in force. */
export function configurationOf(state: NodeState): Configuration {
  return configurationIn(state.log);
}

/** Of the entry that the configuration in force came with. */
export function configurationIndexOf(state: NodeState): LogIndex {
  return configurationIndexIn(state.log);
}

/** The last configuration that this node knows to be committed; it can not be rolled back. */
export function committedConfigurationOf(state: NodeState): Configuration {
  return configurationAt(state.log, state.commitIndex);
}

/** Was this node removed for good, as far as it knows (R26)? */
export function isRemovedForGood(state: NodeState): boolean {
  return state.wasToldRemoved || isRemoved(committedConfigurationOf(state), state.options.id);
}

/** Who leads, as far as this node knows. */
export function leaderOf(state: NodeState): NodeId | null {
  if (state.role.kind === 'leader') return state.options.id;
  return state.role.kind === 'follower' ? state.role.leader : null;
}

/**
 * When the oldest write or reading under way will have taken too long to call the disk well (R15); `null` while none is.
 * A leader that writes and cannot read would leave a peer that is behind there for ever, and by that perhaps all clients.
 */
export function diskStallAtMs({ disk, applyFetchSinceMs, role, options }: NodeState): number | null {
  let oldestMs = stalledSinceMs(disk) ?? Infinity;
  if (applyFetchSinceMs !== null && applyFetchSinceMs < oldestMs) oldestMs = applyFetchSinceMs;
  if (role.kind === 'leader') {
    for (const { flow } of role.progress) {
      if (flow.kind === 'fetching' && flow.sinceMs < oldestMs) oldestMs = flow.sinceMs;
    }
  }
  return oldestMs === Infinity ? null : oldestMs + options.electionTimeoutMaxMs;
}

export function isDiskStalled(state: NodeState): boolean {
  const atMs = diskStallAtMs(state);
  return atMs !== null && state.nowMs >= atMs;
}

export function oweMessage(draft: Draft, to: NodeId, message: Message): void {
  draft.owedMessages = draft.owedMessages.append({ to, message });
}

export function oweEffect(draft: Draft, effect: Effect): void {
  draft.owedEffects = draft.owedEffects.append(effect);
}

/** A read is confirmed: the host is told, or the peer that asked. */
export function oweReadable(draft: Draft, reader: Reader, index: LogIndex): void {
  if (typeof reader === 'number') return oweEffect(draft, { kind: 'readable', ref: reader, index });
  const { peer, process, counter } = reader;
  oweMessage(draft, peer, { kind: 'readReply', term: draft.currentTerm, process, counter, index });
}

export function oweResult(draft: Draft, ref: Ref, outcome: Outcome): void {
  oweEffect(draft, { kind: 'result', ref, ...outcome });
}

/** A number drawn evenly from `from` to `to`. */
export function drawBetween(draft: Draft, from: number, to: number): number {
  const { value, random } = draw(draft.random);
  draft.random = random;
  return from + value * (to - from);
}
