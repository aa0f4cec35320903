/**
 * Keys, values and revisions. One counter numbers the changes of the whole store. A change is planned first and made
 * after, so that whoever has to agree to it can refuse while nothing has happened yet (R41). Source: the data model
 * follows etcd's v3.
 */

import type { Condition, KeyValue, Operation, Outcome } from '@raftkv/kv-protocol';
import { IndexedTree } from './indexed-tree.ts';
import { bytesOfLatin1, latin1 } from './latin1.ts';
import type { Tree } from './tree.ts';

/** Of an empty store: the first change has revision 2, as in etcd, and 0 is free to stand for an absent key. */
export const EMPTY_REVISION = 1;

/** Changed by its owner alone; clones share it until one of them puts another in its place (R34). */
interface Stored {
  readonly owner: object;
  value: string;
  readonly createRevision: number;
  modRevision: number;
  version: number;
}

/** A key that is there, its bytes and those of its value as text, one character for each (DESIGN §5). */
export interface EntryText {
  readonly key: string;
  readonly value: string;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

/** What an operation comes to in the state as it is, before anything is done. */
export interface Plan {
  readonly outcome: Outcome;
  /** `null` where nothing changes; an `after` of `null` removes the key. */
  readonly change: Change | null;
}

interface Change {
  readonly key: string;
  readonly before: Stored | undefined;
  readonly after: Stored | null;
}

export class KeyStore {
  private readonly tree: Tree<string, Stored>;
  private lastRevision: number;
  private owner = {};

  private constructor(tree: Tree<string, Stored>, lastRevision: number) {
    this.tree = tree;
    this.lastRevision = lastRevision;
  }

  /** @param revision of the last change of a store that is to be restored. */
  static empty(revision: number = EMPTY_REVISION): KeyStore {
    return new KeyStore(IndexedTree.empty(), revision);
  }

  clone(): KeyStore {
    // What there is belongs to neither of the two from now on.
    this.owner = {};
    return new KeyStore(this.tree.clone(), this.lastRevision);
  }

  /** Of the last change. */
  get revision(): number {
    return this.lastRevision;
  }

  get size(): number {
    return this.tree.size;
  }

  get(key: Uint8Array): KeyValue | null {
    const text = latin1(key);
    const stored = this.tree.get(text);
    return stored === undefined ? null : keyValue(text, stored);
  }

  /** In the order of the keys' bytes. */
  *entries(): IterableIterator<KeyValue> {
    for (const [key, stored] of this.tree.entries()) yield keyValue(key, stored);
  }

  /** The same as text, which is how they are kept: no memory is taken for their bytes. */
  *texts(): IterableIterator<EntryText> {
    for (const [key, stored] of this.tree.entries()) yield entryText(key, stored);
  }

  plan(operation: Operation): Plan {
    const key = latin1(operation.key);
    const before = this.tree.get(key);
    const current = before?.modRevision ?? 0;
    if (!isMet(operation.condition, current)) {
      return { outcome: { kind: 'conditionFailed', revision: this.lastRevision, current }, change: null };
    }
    return operation.kind === 'put'
      ? this.planPut(key, before, latin1(operation.value))
      : this.planDelete(key, before);
  }

  perform({ change }: Plan): void {
    if (change === null) return;
    const { key, before, after } = change;
    this.lastRevision += 1;
    if (after === null) this.tree.delete(key);
    else if (before?.owner === this.owner) overwrite(before, after);
    else this.tree.set(key, after);
  }

  /** Puts an entry in as it was where the snapshot was taken: that is no change of the store. */
  restore({ key, value, createRevision, modRevision, version }: EntryText): void {
    this.tree.set(key, { owner: this.owner, value, createRevision, modRevision, version });
  }

  private planPut(key: string, before: Stored | undefined, value: string): Plan {
    const modRevision = this.lastRevision + 1;
    const createRevision = before?.createRevision ?? modRevision;
    const version = (before?.version ?? 0) + 1;
    return {
      outcome: { kind: 'put', revision: modRevision, version },
      change: { key, before, after: { owner: this.owner, value, createRevision, modRevision, version } },
    };
  }

  private planDelete(key: string, before: Stored | undefined): Plan {
    if (before === undefined) {
      return { outcome: { kind: 'deleted', revision: this.lastRevision, isDeleted: false }, change: null };
    }
    return {
      outcome: { kind: 'deleted', revision: this.lastRevision + 1, isDeleted: true },
      change: { key, before, after: null },
    };
  }
}

/** In its place in the tree, which need not be searched again. */
function overwrite(stored: Stored, { value, modRevision, version }: Stored): void {
  stored.value = value;
  stored.modRevision = modRevision;
  stored.version = version;
}

function isMet(condition: Condition, current: number): boolean {
  return condition.kind === 'none' || condition.revision === current;
}

/** In memory of its own: whoever reads may do with it what they like. */
function keyValue(key: string, { value, createRevision, modRevision, version }: Stored): KeyValue {
  return { key: bytesOfLatin1(key), value: bytesOfLatin1(value), createRevision, modRevision, version };
}

function entryText(key: string, { value, createRevision, modRevision, version }: Stored): EntryText {
  return { key, value, createRevision, modRevision, version };
}
