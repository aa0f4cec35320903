/** What leaves a node, as lines to compare; and the node that a crash leaves behind. */

import type { DurableRecord, Effect, Message, NewBase } from '../../src/index.ts';
import { SimulatedDisk } from '../cluster-disk.ts';
import { configuration, only, sent } from './messages.ts';

/** Who is told what, and after which write: `b voteReply t5 granted, after 1`. */
export function told(effects: readonly Effect[], to?: string): string[] {
  return sent(effects, to).map((send) => {
    const wait = send.afterWrite === 0 ? 'at once' : `after ${send.afterWrite}`;
    return `${send.to} ${send.message.kind} t${send.message.term}${detail(send.message)}, ${wait}`;
  });
}

/** What is handed to the disk, a line for each write, its parts in their order: `1: t2 c3, 5@2 kept, from 7, 7@2 8@2`. */
export function written(effects: readonly Effect[]): string[] {
  return only(effects, 'persist').map(({ write, hardState, newBase, truncateFrom, entries }) => {
    const parts: string[] = [];
    if (hardState !== null) parts.push(`t${hardState.currentTerm} c${hardState.commitIndex}`);
    if (newBase !== null) parts.push(baseLine(newBase));
    if (truncateFrom !== null) parts.push(`from ${truncateFrom}`);
    if (entries.length > 0) parts.push(entries.map(({ index, term }) => `${index}@${term}`).join(' '));
    return `${write}: ${parts.join(', ')}`;
  });
}

/** What the machine is handed, a line for each: `apply 3 4`, `install 5`. */
export function machine(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind === 'installSnapshot') return [`install ${effect.base.index}`];
    return effect.kind === 'apply' ? [`apply ${effect.entries.map(({ index }) => index).join(' ')}`] : [];
  });
}

/** Which snapshots are to be sent: `b 5@2`. */
export function streams(effects: readonly Effect[]): string[] {
  return only(effects, 'sendSnapshot').map(({ peer, base }) => `${peer} ${base.index}@${base.term}`);
}

/** What a crash leaves on an empty disk of which the writes in `effects` up to `write` were done. */
export function recordAfter(effects: readonly Effect[], write: number, voters = 'a b c'): DurableRecord {
  const disk = new SimulatedDisk(configuration(voters));
  for (const effect of effects) if (effect.kind === 'persist') disk.accept(effect, 0, 0);
  disk.syncThrough(write);
  return disk.record(Infinity);
}

function baseLine({ base, isLogKept }: NewBase): string {
  return `${base.index}@${base.term} ${isLogKept ? 'kept' : 'emptied'}`;
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
