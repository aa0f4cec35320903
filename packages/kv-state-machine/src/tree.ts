/**
 * Ordered trees of which a copy costs nothing: a clone shares every node, and whichever of the two writes first copies
 * the few nodes on its way (R34). The interface is as narrow as the use of it, so that another tree can follow.
 */

import sorted from 'sorted-btree';

export interface Tree<Key, Value> {
  readonly size: number;
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): boolean;
  /** Whether it was there. */
  delete(key: Key): boolean;
  /** In order. Good until the next change of this tree; a clone may change. */
  entries(): IterableIterator<[Key, Value]>;
  clone(): Tree<Key, Value>;
}

type TreeClass = typeof sorted.default;

const BTree = classOf(sorted);

export function treeBy<Key, Value>(compare: (one: Key, other: Key) => number): Tree<Key, Value> {
  return new BTree<Key, Value>(undefined, compare);
}

/** By the numbers of its characters, which no locale changes (R42). */
export function compareText(one: string, other: string): number {
  if (one < other) return -1;
  return one > other ? 1 : 0;
}

export function compareNumbers(one: number, other: number): number {
  return one - other;
}

/** The package is CommonJS: Node gives its exports as the default import, some bundlers the class among them. */
function classOf(module: TreeClass | { readonly default: TreeClass }): TreeClass {
  return typeof module === 'function' ? module : module.default;
}
