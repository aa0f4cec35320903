/** What clients ask of few keys, and how they ask it. */

import type { KvClient } from '@raftkv/kv-client';
import type { KeyValueInput, KeyValueOutput } from '@raftkv/simulation/linearizability';
import { labelOf, padded } from './values.ts';

/** Where choices come from. */
export interface Choices {
  /** An integer from `low` to below `high`. */
  between(low: number, high: number): number;
  pick<Item>(items: readonly Item[]): Item;
}

/** Few, so that clients meet at them. */
const KEYS = 24;

/** Keys that are written once, by one write: whether it is there, and once, shows in the key alone. */
export function isWrittenOnce(key: string): boolean {
  return key.includes('/once/');
}

/** What is read after the clients have gone, from each key that they shared. */
export function sharedKeys(prefix: string, count: number = KEYS): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}/${at}`);
}

/** The call of the client's library that asks this. */
export async function ask(kv: KvClient, input: KeyValueInput, timeoutMs: number): Promise<KeyValueOutput> {
  const { key } = input;
  switch (input.kind) {
    case 'get': {
      const entry = await kv.get(key, { timeoutMs });
      if (entry === null) return { kind: 'value', entry: null };
      const { createRevision, modRevision, version } = entry;
      return { kind: 'value', entry: { value: labelOf(entry.text()), createRevision, modRevision, version } };
    }
    case 'put': {
      const ifRevision = input.ifRevision ?? undefined;
      return { kind: 'put', ...(await kv.put(key, padded(input.value), { ifRevision, timeoutMs })) };
    }
    case 'delete': {
      const ifRevision = input.ifRevision ?? undefined;
      const { revision, deleted: isDeleted } = await kv.delete(key, { ifRevision, timeoutMs });
      return { kind: 'deleted', revision, isDeleted };
    }
  }
}

/** What is asked next of few keys, some of it resting on what the client knows of `revisions`. */
export function inputOf(
  chance: Choices,
  keys: readonly string[],
  prefix: string,
  name: string,
  revisions: ReadonlyMap<string, number>,
): KeyValueInput {
  const key = chance.pick(keys);
  const kind = chance.between(0, 100);
  if (kind < 30) return { kind: 'get', key };
  if (kind < 60) return { kind: 'put', key, value: name, ifRevision: null };
  if (kind < 80) return { kind: 'put', key, value: name, ifRevision: revisions.get(key) ?? 0 };
  if (kind < 85) return { kind: 'delete', key, ifRevision: null };
  if (kind < 90) return { kind: 'delete', key, ifRevision: revisions.get(key) ?? 0 };
  return { kind: 'put', key: `${prefix}/once/${name}`, value: name, ifRevision: null };
}

/** Of the key's last change, as far as `output` tells; 0 where it is absent. */
export function revisionIn(output: KeyValueOutput): number {
  switch (output.kind) {
    case 'value':
      return output.entry?.modRevision ?? 0;
    case 'put':
      return output.revision;
    case 'deleted':
      return 0;
    case 'conditionFailed':
      return output.current;
  }
}
