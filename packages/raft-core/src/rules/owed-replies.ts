/** What a turn owes its peers, with what is said twice said once. Source: R10. */

import type { NodeId } from '../basics/brands.ts';
import type { Message } from '../contract/message.ts';
import type { OwedMessage } from '../state/node-state.ts';

/**
 * `owed`, in its order, without the replies that a later one to the same peer implies: the same term, no less matched,
 * no earlier round. A refusal in between is kept, and keeps them apart.
 */
export function mergeReplies(owed: readonly OwedMessage[]): readonly OwedMessage[] {
  if (owed.length < 2) return owed;
  const merged: OwedMessage[] = [];
  /** Where in `merged` the last message to each peer stands. */
  const last = new Map<NodeId, number>();
  for (const one of owed) {
    const at = last.get(one.to);
    const before = at === undefined ? undefined : merged[at];
    if (at !== undefined && before !== undefined && isImplied(before.message, one.message)) {
      merged[at] = one;
    } else {
      last.set(one.to, merged.length);
      merged.push(one);
    }
  }
  return merged;
}

/** Does `later` say all that `earlier` said? */
function isImplied(earlier: Message, later: Message): boolean {
  return (
    earlier.kind === 'appendReply' &&
    later.kind === 'appendReply' &&
    earlier.term === later.term &&
    earlier.matched <= later.matched &&
    earlier.round <= later.round &&
    (earlier.promiseMs ?? 0) <= (later.promiseMs ?? 0)
  );
}
