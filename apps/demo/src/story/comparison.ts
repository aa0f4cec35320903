/** What each node holds by itself, asked over HTTP without the help of the others. */

import { createHash } from 'node:crypto';
import type { Held, LocalNode } from '@raftkv/server/local-cluster';

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
  const held = await node.held(keys);
  const hash = createHash('sha256').update(JSON.stringify(keys.map((key, at) => [key, held[at]])));
  return {
    node: node.name,
    lost: keys.filter((_, at) => held[at] === null),
    wrong: keys.filter((key, at) => isWrong(held[at], acknowledged.get(key))),
    digest: hash.digest('hex').slice(0, 12),
  };
}

function isWrong(found: Held | null | undefined, value: string | undefined): boolean {
  return found !== null && found !== undefined && (found.value !== value || found.version !== 1);
}
