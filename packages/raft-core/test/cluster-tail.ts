/** How much of its log a node of a random cluster may hold in memory. */

import type { NodeState } from '../src/index.ts';
import { lastIndex, previous } from '../src/state/log.ts';
import { bytesThrough } from '../src/state/tail.ts';

/** Memory keeps no more than its bounds, but for what is not applied, and for what peers still need. */
export function checkTail({ options, log, role, appliedIndex }: NodeState): void {
  const { firstIndex, entries } = log.tail;
  const bytes = bytesThrough(log.tail, lastIndex(log)) - bytesThrough(log.tail, previous(firstIndex));
  const { tailEntriesMax, tailBytesMax, peerTailBytesMax } = options;
  const isNeededHere = firstIndex > appliedIndex;
  const isNeededByPeer =
    role.kind === 'leader' &&
    role.progress.some(({ flow, matchIndex }) => flow.kind !== 'replicating' || matchIndex < firstIndex) &&
    bytes <= Math.max(peerTailBytesMax, tailBytesMax);
  const isBound = entries.length <= tailEntriesMax && bytes <= Math.min(tailBytesMax, peerTailBytesMax);
  if (isNeededHere || isNeededByPeer || isBound || role.kind === 'failed') return;
  throw new Error(`${options.id} keeps ${entries.length} entries of ${bytes} bytes from ${firstIndex} on`);
}
