/** Where a cluster's id stands: in its first entry, the no-op of its first leader. Source: R27. */

import { CLUSTER_ID_BYTES, type Entry } from '@raftkv/core';

/** The id of the cluster, if `committed` begins with the first entry of the log; else `null`. */
export function clusterIdOf(committed: readonly Entry[]): Uint8Array | null {
  const [first] = committed;
  if (first === undefined || first.index !== 1 || first.kind !== 'no-op') return null;
  return first.data.length === CLUSTER_ID_BYTES ? first.data : null;
}
