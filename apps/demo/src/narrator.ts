/** Effects in plain words, as one would tell them; what says nothing new, such as heartbeats, stays untold. */

import type { Effect, Entry, Message, NodeId, Result, Send, Status } from '@raftkv/core';

/** A sentence about `effect` of node `id`, or `null` where there is nothing to tell. */
export function tell(id: NodeId, effect: Effect): string | null {
  switch (effect.kind) {
    case 'send':
      return tellSend(id, effect);
    case 'apply':
      return tellApply(id, effect.entries);
    case 'result':
      return tellResult(id, effect);
    case 'changed':
      return tellStatus(id, effect.status);
    case 'persist':
    case 'fetch':
    case 'readable':
      return null;
    default:
      return effect satisfies never;
  }
}

function tellSend(id: NodeId, { to, message }: Send): string | null {
  const question = tellQuestion(message);
  if (question !== null) return `${id} asks ${to}: ${question}`;
  if (message.kind === 'preVoteReply')
    return `${id} tells ${to}: ${message.isGranted ? 'I would' : 'I would not'}`;
  if (message.kind === 'voteReply')
    return `${id} tells ${to}: ${message.isGranted ? 'you have my vote' : 'no'}`;
  return null;
}

function tellQuestion(message: Message): string | null {
  if (message.kind === 'preVoteRequest') return `would you vote for me in term ${message.term}?`;
  if (message.kind === 'voteRequest') return `vote for me in term ${message.term}`;
  return null;
}

function tellApply(id: NodeId, entries: readonly Entry[]): string | null {
  const commands = entries.filter((entry) => entry.kind === 'command');
  if (commands.length === 0) return null;
  const told = commands.map((entry) => `"${new TextDecoder().decode(entry.data)}" (entry ${entry.index})`);
  return `${id} applies ${told.join(', ')}`;
}

function tellResult(id: NodeId, result: Result): string {
  if (result.outcome !== 'committed') return `${id} answers: ${result.outcome}`;
  return `${id} answers: committed as entry ${result.index} of term ${result.term}, on the disks of a majority`;
}

function tellStatus(id: NodeId, { role, currentTerm, leader }: Status): string | null {
  if (role === 'leader') return `${id} LEADS term ${currentTerm}`;
  if (role === 'follower' && leader !== null) return `${id} follows ${leader}`;
  return null;
}
