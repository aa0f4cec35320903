/** What each node holds by itself, asked over HTTP without the help of the others. */

import { createHash } from 'node:crypto';
import type { Held, LocalNode } from '@raftkv/server/local-cluster';

/** How many requests of one node are under way at once. */
const AT_ONCE = 16;

export interface Comparison {
  readonly node: string;
  /** Acknowledged, and not there. */
  readonly lost: readonly string[];
  /** There with another value, or written more than once. */
  readonly wrong: readonly string[];
  /** SHA-256 of keys, values and revisions: equal on nodes that hold the same. */
  readonly digest: string;
}

/** Compares what `node` has applied with what was acknowledged. */
export async function compareWith(
  node: LocalNode,
  acknowledged: ReadonlyMap<string, string>,
): Promise<Comparison> {
  const keys = [...acknowledged.keys()].toSorted();
  const found = new Map<string, Held | null>();
  const queue = keys.values();
  const reader = async (): Promise<void> => {
    for (const key of queue) found.set(key, await node.held(key));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, reader));
  const hash = createHash('sha256');
  for (const key of keys) hash.update(JSON.stringify([key, found.get(key)]));
  return {
    node: node.name,
    lost: keys.filter((key) => found.get(key) === null),
    wrong: keys.filter((key) => isWrong(found.get(key), acknowledged.get(key))),
    digest: hash.digest('hex').slice(0, 12),
  };
}

function isWrong(found: Held | null | undefined, value: string | undefined): boolean {
  return found !== null && found !== undefined && (found.value !== value || found.version !== 1);
}
