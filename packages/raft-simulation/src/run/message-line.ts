/** A message on one line of a trace. */

import type { Message, NodeId } from '@raftkv/core';

/** `a->b append t4 prev=1@1 +2 commit=1 round=0` */
export function messageLine(from: NodeId, to: NodeId, message: Message): string {
  const promise = 'promiseMs' in message ? ` promise=${message.promiseMs}` : '';
  return `${from}->${to} ${message.kind} t${message.term}${detailsOf(message)}${promise}`;
}

function detailsOf(message: Message): string {
  switch (message.kind) {
    case 'append': {
      const { prevIndex, prevTerm, entries, commitIndex, round } = message;
      return ` prev=${prevIndex}@${prevTerm} +${entries.length} commit=${commitIndex} round=${round}`;
    }
    case 'appendReply':
      return ` matched=${message.matched} round=${message.round}`;
    case 'appendRefusal':
      return ` prev=${message.prevIndex} hint=${message.hintIndex}@${message.hintTerm} round=${message.round}`;
    case 'roundReply':
      return ` round=${message.round}`;
    case 'voteRequest':
      return ` last=${message.lastIndex}@${message.lastTerm}${message.isTransfer ? ' transfer' : ''}`;
    case 'preVoteRequest':
      return ` last=${message.lastIndex}@${message.lastTerm}`;
    case 'voteReply':
    case 'preVoteReply':
      return message.isGranted ? ' granted' : ' refused';
    case 'removed':
    case 'timeoutNow':
      return '';
    case 'readRequest':
      return ` read ${message.process}/${message.counter}`;
    case 'readReply':
      return ` read ${message.process}/${message.counter} index=${message.index}`;
  }
}
