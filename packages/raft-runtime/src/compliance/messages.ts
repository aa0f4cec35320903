/** One message of each kind, every field different. */

import { logIndex, nodeId, term, type Entry, type Message, type Round } from '@raftkv/core';

const ENTRIES: readonly Entry[] = [
  { index: logIndex(8), term: term(3), kind: 'no-op', data: new Uint8Array(0) },
  { index: logIndex(9), term: term(4), kind: 'command', data: Uint8Array.of(0, 255, 10, 13) },
  { index: logIndex(10), term: term(4), kind: 'command', data: new Uint8Array(100_000).fill(7) },
  {
    index: logIndex(11),
    term: term(4),
    kind: 'configuration',
    data: new Uint8Array(0),
    configuration: {
      kind: 'joint',
      incoming: [{ id: nodeId('n1'), data: Uint8Array.of(1) }],
      outgoing: [{ id: nodeId('n2'), data: Uint8Array.of(0, 255) }],
      learners: [{ id: nodeId('n3'), data: new Uint8Array(0) }],
      removed: [nodeId('n2')],
    },
  },
];

export const MESSAGES: readonly Message[] = [
  {
    kind: 'append',
    term: term(5),
    prevIndex: logIndex(7),
    prevTerm: term(2),
    entries: ENTRIES,
    commitIndex: logIndex(6),
    round: round(11),
  },
  { kind: 'appendReply', term: term(5), matched: logIndex(10), round: round(12) },
  {
    kind: 'appendRefusal',
    term: term(5),
    prevIndex: logIndex(7),
    hintIndex: logIndex(4),
    hintTerm: term(1),
    round: round(13),
  },
  { kind: 'roundReply', term: term(5), round: round(2 ** 40) },
  {
    kind: 'voteRequest',
    term: term(2 ** 45),
    lastIndex: logIndex(2 ** 50),
    lastTerm: term(2 ** 44),
    isTransfer: true,
  },
  { kind: 'voteReply', term: term(6), isGranted: true },
  { kind: 'preVoteRequest', term: term(7), lastIndex: logIndex(0), lastTerm: term(0) },
  { kind: 'preVoteReply', term: term(6), isGranted: false },
  { kind: 'removed', term: term(8) },
  { kind: 'timeoutNow', term: term(8) },
];

/** A small message; the term tells it from others. */
export function heartbeat(inTerm: number): Message {
  return { kind: 'roundReply', term: term(inTerm), round: round(0) };
}

function round(value: number): Round {
  if (!isRound(value)) throw new RangeError(`${value} is no round`);
  return value;
}

function isRound(value: number): value is Round {
  return Number.isSafeInteger(value) && value >= 0;
}
