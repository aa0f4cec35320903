/** What nodes hold, asked of each by itself. */

import type { Held, LocalNode } from '@raftkv/server/local-cluster';
import type { Failure, Holdings } from '../workload/check.ts';
import type { History } from '../workload/history.ts';
import { promised } from './broken-promise.ts';

/** Of all keys that were ever asked for. @throws {BrokenPromise} where a node does not answer. */
export async function holdingsOf(nodes: readonly LocalNode[], history: History): Promise<Holdings> {
  const asked = [...history.operations.map(({ input }) => input), ...history.refused];
  const keys = [...new Set(asked.map(({ key }) => key))];
  const holdings = new Map<string, ReadonlyMap<string, Held | null>>();
  for (const node of nodes) {
    const held = await promised('live', () => node.held(keys));
    holdings.set(node.name, new Map(keys.map((key, at) => [key, held[at] ?? null])));
  }
  return holdings;
}

/** By what each says of all that it holds. */
export async function checkStatuses(nodes: readonly LocalNode[]): Promise<Failure[]> {
  const statuses = await Promise.all(nodes.map((node) => node.status()));
  const texts = statuses.map((status) => JSON.stringify([status?.revision, status?.keys]));
  if (new Set(texts).size <= 1) return [];
  return [{ promise: 'nodes-equal', what: `revision and number of keys: ${texts.join(', ')}` }];
}
