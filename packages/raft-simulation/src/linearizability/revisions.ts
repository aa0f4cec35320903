/**
 * What holds of revisions across keys, which a check of one key after another cannot see: each change has one of its own, and
 * they rise in the order of time.
 */

import type { KeyValueOperation } from './key-value-operation.ts';

/** Two operations whose answers cannot both be right; `kind` says why. */
export interface RevisionFault {
  /**
   * `shared`: both changed something, at one revision. `falling`: `first` had returned when `second` was called, but `second`
   * names a revision that cannot come after what `first` had seen.
   */
  readonly kind: 'shared' | 'falling';
  /** The one that came first in time, where they did not overlap. */
  readonly first: KeyValueOperation;
  /** The one that cannot stand beside it. */
  readonly second: KeyValueOperation;
}

/** The first fault in the order of calls, or null where there is none. Sees only what was answered. */
export function checkRevisions(history: readonly KeyValueOperation[]): RevisionFault | null {
  const answered = history.filter(({ returned }) => returned !== null);
  return sharedRevision(answered) ?? fallingRevision(answered);
}

function sharedRevision(answered: readonly KeyValueOperation[]): RevisionFault | null {
  const changes = new Map<number, KeyValueOperation>();
  for (const second of answered.toSorted(byCall)) {
    const revision = changeOf(second);
    if (revision === null) continue;
    const first = changes.get(revision);
    if (first !== undefined) return { kind: 'shared', first, second };
    changes.set(revision, second);
  }
  return null;
}

function fallingRevision(answered: readonly KeyValueOperation[]): RevisionFault | null {
  const byReturn = answered.toSorted((a, b) => (a.returned ?? 0) - (b.returned ?? 0));
  let returned = 0;
  let highest: KeyValueOperation | null = null;
  for (const second of answered.toSorted(byCall)) {
    for (; (byReturn[returned]?.returned ?? Infinity) < second.called; returned += 1) {
      const operation = byReturn[returned];
      if (operation !== undefined && seenBy(operation) > (highest === null ? 0 : seenBy(highest))) {
        highest = operation;
      }
    }
    const least = highest === null ? 0 : seenBy(highest);
    if (highest !== null && isBelow(second, least)) return { kind: 'falling', first: highest, second };
  }
  return null;
}

/** Whether the operation cannot have taken effect after something that had seen revision `least`. */
function isBelow(operation: KeyValueOperation, least: number): boolean {
  const { output } = operation;
  const change = changeOf(operation);
  if (change !== null) return change <= least;
  // The revision of the store, which nobody changed here. What a read names is older than the store, as it may be.
  return output?.kind === 'deleted' && output.revision < least;
}

/** The revision of what the operation changed, or null where it changed nothing. */
function changeOf({ output }: KeyValueOperation): number | null {
  if (output?.kind === 'put') return output.revision;
  return output?.kind === 'deleted' && output.isDeleted ? output.revision : null;
}

/** The store had at least this revision when the operation returned. */
function seenBy({ output }: KeyValueOperation): number {
  switch (output?.kind) {
    case undefined:
      return 0;
    case 'value':
      return output.entry?.modRevision ?? 0;
    case 'conditionFailed':
      return output.current;
    case 'put':
    case 'deleted':
      return output.revision;
  }
}

function byCall(a: KeyValueOperation, b: KeyValueOperation): number {
  return a.called - b.called;
}
