/** What a client of a key-value store asks and is told, as the methods of `@raftkv/kv-client` have it. */

import type { Operation } from './operation.ts';

/** One call of one client of the store. */
export type KeyValueOperation = Operation<KeyValueInput, KeyValueOutput>;

/** A call of the client. Keys and values are compared as text. */
export type KeyValueInput =
  | { readonly kind: 'get'; readonly key: string }
  | { readonly kind: 'put'; readonly key: string; readonly value: string; readonly ifRevision: Condition }
  | { readonly kind: 'delete'; readonly key: string; readonly ifRevision: Condition };

/** The revision that the key's last change must have, 0 where it must be absent; null where nothing is asked. */
export type Condition = number | null;

/** What the client was told. */
export type KeyValueOutput =
  | { readonly kind: 'value'; readonly entry: KeyValueEntry | null }
  | { readonly kind: 'put'; readonly revision: number; readonly version: number }
  /** `revision` is the store's where nothing was deleted. */
  | { readonly kind: 'deleted'; readonly revision: number; readonly isDeleted: boolean }
  | { readonly kind: 'conditionFailed'; readonly current: number };

/** What a key holds, as a read shows it. */
export interface KeyValueEntry {
  /** As text, whatever its bytes mean. */
  readonly value: string;
  /** Of the write that created the key. */
  readonly createRevision: number;
  /** Of the last write of the key. */
  readonly modRevision: number;
  /** Writes of the key since it was created, from 1. */
  readonly version: number;
}
