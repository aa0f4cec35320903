/** One message of each kind; the compiler knows when one is missing. */

import type { Message } from '@raftkv/core';

/** The fields of one kind, optional ones as such; that numbers are terms or indexes is no matter here. */
type Body<Kind extends Message['kind']> = {
  readonly [Field in keyof Omit<Extract<Message, { kind: Kind }>, 'kind'>]: unknown;
};

const BODIES = {
  append: { term: 5, prevIndex: 7, prevTerm: 2, entries: [], commitIndex: 6, round: 11 },
  appendReply: { term: 5, matched: 10, round: 12 },
  appendRefusal: { term: 5, prevIndex: 7, hintIndex: 4, hintTerm: 1, round: 13 },
  roundReply: { term: 5, round: 2 ** 40 },
  voteRequest: { term: 2 ** 45, lastIndex: 2 ** 50, lastTerm: 2 ** 44, isTransfer: true },
  voteReply: { term: 6, isGranted: true },
  preVoteRequest: { term: 7, lastIndex: 0, lastTerm: 0 },
  preVoteReply: { term: 6, isGranted: false },
  removed: { term: 8 },
  timeoutNow: { term: 8 },
  readRequest: { term: 8, process: 2 ** 52, counter: 3 },
  readReply: { term: 8, process: 2 ** 52, counter: 3, index: 2 ** 50 },
} satisfies { readonly [Kind in Message['kind']]: Body<Kind> };

export const MESSAGES_OF_ALL_KINDS = Object.entries(BODIES).map(
  ([kind, body]) => ({ kind, ...body }) as unknown as Message,
);
