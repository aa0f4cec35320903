/** Peers cannot stop a node: what breaks the protocol is refused, changes nothing and is named (R7). */

import { COUNTER_MAX, type LogIndex, type NodeId, type Term } from '../basics/brands.ts';
import type { Configuration } from '../contract/configuration.ts';
import { isEntryKind, type Entry } from '../contract/entry.ts';
import type { Append, AppendRefusal, Message, PreVoteRequest, VoteRequest } from '../contract/message.ts';
import type { Base } from '../contract/record.ts';
import { configurationFault } from '../contract/well-formed-configuration.ts';
import type { Fault } from '../contract/status.ts';
import type { Draft } from '../state/node-state.ts';

/**
 * How far above our own term a message's may be. Terms rise by one with each election, at one a millisecond by this in
 * seven weeks: what is further ahead is damage, and believed would use up all terms that there are, and all elections.
 */
const TERM_LEAP_MAX = 2 ** 32;

export function blame(draft: Draft, peer: NodeId, fault: Fault): void {
  draft.peerFault = { peer, fault, count: (draft.peerFault?.count ?? 0) + 1 };
}

/**
 * Are all fields of `message` there and in range, and do they agree? The types say so, but what comes from a peer may
 * have been made by anyone.
 */
export function isWellFormed(message: Message | null | undefined, currentTerm: Term): boolean {
  if (message === null || message === undefined || !isCounter(message.term) || message.term === 0)
    return false;
  if (message.term > currentTerm + TERM_LEAP_MAX) return false;
  switch (message.kind) {
    case 'append':
      return isWellFormedAppend(message);
    case 'appendReply':
      return isCounter(message.matched) && isCounter(message.round) && isPromise(message.promiseMs);
    case 'appendRefusal':
      return isWellFormedRefusal(message);
    case 'roundReply':
      return isCounter(message.round) && isPromise(message.promiseMs);
    case 'voteRequest':
      return isWellFormedCandidacy(message) && typeof message.isTransfer === 'boolean';
    case 'preVoteRequest':
      return isWellFormedCandidacy(message);
    case 'removed':
      return true;
    case 'voteReply':
    case 'preVoteReply':
      return typeof message.isGranted === 'boolean';
    case 'timeoutNow':
      return true;
    case 'readRequest':
      return isCounter(message.process) && isCounter(message.counter);
    case 'readReply':
      return isCounter(message.process) && isCounter(message.counter) && isCounter(message.index);
    default:
      // A kind that no version of this package knows: the union says that there is none, the wire need not agree.
      return false;
  }
}

/** Does what a peer says of a snapshot make sense? One of nothing is none. */
export function isWellFormedBase(base: Base | null | undefined, currentTerm: Term): boolean {
  if (base === null || base === undefined) return false;
  const { index, term, configuration, configurationIndex } = base;
  if (!isPosition(index, term) || index === 0 || term > currentTerm + TERM_LEAP_MAX) return false;
  if (!isCounter(configurationIndex) || configurationIndex > index) return false;
  return isWellFormedConfiguration(configuration);
}

function isWellFormedCandidacy({ term, lastIndex, lastTerm }: VoteRequest | PreVoteRequest): boolean {
  return isPosition(lastIndex, lastTerm) && lastTerm < term;
}

function isWellFormedAppend(message: Append): boolean {
  const { prevIndex, prevTerm, entries } = message;
  if (!isPosition(prevIndex, prevTerm) || prevTerm > message.term) return false;
  if (!isCounter(message.commitIndex) || !isCounter(message.round) || !isList(entries)) return false;
  if (!isPromise(message.promiseMs)) return false;

  let index: number = prevIndex;
  let term = prevTerm;
  for (const entry of entries) {
    if (!isWellFormedEntry(entry) || entry.index !== index + 1 || entry.term < term) return false;
    ({ index, term } = entry);
  }
  return term <= message.term;
}

function isWellFormedEntry(entry: Entry | null | undefined): boolean {
  if (
    entry === null ||
    entry === undefined ||
    !isCounter(entry.index) ||
    !isCounter(entry.term) ||
    entry.term === 0
  )
    return false;
  if (!isEntryKind(entry.kind) || !(entry.data instanceof Uint8Array)) return false;
  return entry.kind !== 'configuration' || isWellFormedConfiguration(entry.configuration);
}

function isWellFormedConfiguration(configuration: Configuration | null | undefined): boolean {
  return configuration !== null && configuration !== undefined && configurationFault(configuration) === null;
}

function isWellFormedRefusal({ prevIndex, hintIndex, hintTerm, round, promiseMs }: AppendRefusal): boolean {
  return (
    isCounter(prevIndex) &&
    isCounter(hintIndex) &&
    hintIndex <= prevIndex &&
    isCounter(hintTerm) &&
    isCounter(round) &&
    isPromise(promiseMs)
  );
}

/** Absent where nothing is asked or promised. */
function isPromise(promiseMs: number | undefined): boolean {
  return promiseMs === undefined || (isCounter(promiseMs) && promiseMs > 0);
}

/** An entry of a log, or the place before its first one, where both are 0. */
function isPosition(index: LogIndex, term: Term): boolean {
  return isCounter(index) && isCounter(term) && (index === 0) === (term === 0);
}

/** Not a type guard: one of `Array.isArray` would forget the type of the items. */
function isList(value: readonly unknown[]): boolean {
  return Array.isArray(value);
}

function isCounter(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= COUNTER_MAX;
}
