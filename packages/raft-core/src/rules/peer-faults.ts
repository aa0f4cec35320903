/** Peers cannot stop a node: what breaks the protocol is refused, changes nothing and is named (R7). */

import { COUNTER_MAX, type NodeId } from '../basics/brands.ts';
import { isEntryKind, type Entry } from '../contract/entry.ts';
import type { Append, AppendRefusal, Message } from '../contract/message.ts';
import type { Fault } from '../contract/status.ts';
import type { Draft } from '../state/node-state.ts';

export function blame(draft: Draft, peer: NodeId, fault: Fault): void {
  draft.peerFault = { peer, fault, count: (draft.peerFault?.count ?? 0) + 1 };
}

/**
 * Are all fields of `message` there and in range, and do they agree? The types say so, but what comes from a peer may
 * have been made by anyone.
 */
export function isWellFormed(message: Message | null | undefined): boolean {
  if (message === null || message === undefined || !isCounter(message.term) || message.term === 0)
    return false;
  switch (message.kind) {
    case 'append':
      return isWellFormedAppend(message);
    case 'appendReply':
      return isCounter(message.matched) && isCounter(message.round);
    case 'appendRefusal':
      return isWellFormedRefusal(message);
    case 'roundReply':
      return isCounter(message.round);
    case 'voteRequest':
    case 'preVoteRequest':
      return isCounter(message.lastIndex) && isCounter(message.lastTerm) && message.lastTerm < message.term;
    case 'voteReply':
    case 'preVoteReply':
      return typeof message.isGranted === 'boolean';
    default:
      // A kind that no version of this package knows: the union says that there is none, the wire need not agree.
      return false;
  }
}

function isWellFormedAppend(message: Append): boolean {
  const { prevIndex, prevTerm, entries } = message;
  if (
    !isCounter(prevIndex) ||
    !isCounter(prevTerm) ||
    prevTerm > message.term ||
    (prevIndex === 0) !== (prevTerm === 0)
  ) {
    return false;
  }
  if (!isCounter(message.commitIndex) || !isCounter(message.round) || !isList(entries)) return false;

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
  return isEntryKind(entry.kind) && entry.data instanceof Uint8Array;
}

function isWellFormedRefusal({ prevIndex, hintIndex, hintTerm, round }: AppendRefusal): boolean {
  return (
    isCounter(prevIndex) &&
    isCounter(hintIndex) &&
    hintIndex <= prevIndex &&
    isCounter(hintTerm) &&
    isCounter(round)
  );
}

/** Not a type guard: one of `Array.isArray` would forget the type of the items. */
function isList(value: readonly unknown[]): boolean {
  return Array.isArray(value);
}

function isCounter(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= COUNTER_MAX;
}
