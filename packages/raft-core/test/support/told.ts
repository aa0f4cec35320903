/** What leaves a node, as lines to compare; and the node that a crash leaves behind. */

import type { DurableRecord, Effect, Message } from '../../src/index.ts';
import { SimulatedDisk } from '../cluster-disk.ts';
import { configuration, sent } from './messages.ts';

/** Who is told what, and after which write: `b voteReply t5 granted, after 1`. */
export function told(effects: readonly Effect[], to?: string): string[] {
  return sent(effects, to).map((send) => {
    const wait = send.afterWrite === 0 ? 'at once' : `after ${send.afterWrite}`;
    return `${send.to} ${send.message.kind} t${send.message.term}${detail(send.message)}, ${wait}`;
  });
}

/** What a crash leaves on an empty disk of which the writes in `effects` up to `write` were done. */
export function recordAfter(effects: readonly Effect[], write: number, voters = 'a b c'): DurableRecord {
  const disk = new SimulatedDisk(configuration(voters));
  for (const effect of effects) if (effect.kind === 'persist') disk.accept(effect, 0, 0);
  disk.syncThrough(write);
  return disk.record(Infinity);
}

function detail(message: Message): string {
  switch (message.kind) {
    case 'append':
      return ` prev=${message.prevIndex}@${message.prevTerm} [${message.entries.map((entry) => `${entry.index}@${entry.term}`).join(' ')}]`;
    case 'appendReply':
      return ` matched=${message.matched}`;
    case 'appendRefusal':
      return ` prev=${message.prevIndex}`;
    case 'roundReply':
      return ` round=${message.round}`;
    case 'voteReply':
    case 'preVoteReply':
      return message.isGranted ? ' granted' : ' refused';
    case 'removed':
      return '';
    case 'voteRequest':
      return ` last=${message.lastIndex}@${message.lastTerm}${message.isTransfer ? ' transfer' : ''}`;
    case 'timeoutNow':
      return '';
    case 'preVoteRequest':
      return ` last=${message.lastIndex}@${message.lastTerm}`;
    case 'readRequest':
    case 'readReply':
      return ` ${message.counter}`;
  }
}
