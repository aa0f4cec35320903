/**
 * One key of a store whose changes are numbered through, as `@raftkv/kv-client` shows it. Parts are keys, while revisions count
 * the changes of all keys: so where a write's answer is lost, its revision is known only to be above the one before, until a
 * later answer names it. That a write is applied once shows in `version`, which counts the changes of a key since it was
 * created.
 */

import { inferWrites } from './key-value-inference.ts';
import type { Condition, KeyValueInput, KeyValueOutput } from './key-value-operation.ts';
import type { Model } from './operation.ts';

/** What a key holds, as far as the answers tell. */
export interface KeyState {
  /** Of the last change of the key, where it is there; where it is not, the store's when that was last known. */
  readonly revision: number;
  /** False where `revision` is only the least that it can be. */
  readonly isExact: boolean;
  /** What the key holds; null where it is absent. */
  readonly entry: KnownEntry | null;
}

/** An entry whose creation lies somewhere between two revisions, both included. */
export interface KnownEntry {
  /** As text, whatever its bytes mean. */
  readonly value: string;
  /** Writes of the key since it was created, from 1. */
  readonly version: number;
  /** The least revision that can have created it. */
  readonly createdFrom: number;
  /** The highest revision that can have created it. */
  readonly createdUpTo: number;
}

/** Of an empty store, as in etcd: the first change has revision 2. */
const EMPTY_REVISION = 1;

/** Begins with no key in the store. */
export const keyValueModel: Model<KeyState, KeyValueInput, KeyValueOutput> = {
  initial: { revision: EMPTY_REVISION, isExact: false, entry: null },
  partOf: ({ key }) => key,
  step(state, input, output) {
    switch (input.kind) {
      case 'get':
        return afterGet(state, output);
      case 'put':
        return afterPut(state, input, output);
      case 'delete':
        return afterDelete(state, input, output);
    }
  },
  keyOf({ revision, isExact, entry }) {
    const held =
      entry === null ? '' : `${entry.version},${entry.createdFrom},${entry.createdUpTo},${entry.value}`;
    return `${revision}${isExact ? '=' : '+'}${held}`;
  },
  infer: inferWrites,
  isReadOnly(input, output) {
    if (input.kind === 'get') return true;
    return output?.kind === 'conditionFailed' || (output?.kind === 'deleted' && !output.isDeleted);
  },
  isTooLate(state, input, output) {
    const latest = output === null ? conditionOf(input) : latestBefore(output);
    return latest !== null && state.revision > latest;
  },
};

/** The revision that has to be there; null where there is none. */
function conditionOf(input: KeyValueInput): number | null {
  return input.kind === 'get' || input.ifRevision === 0 ? null : input.ifRevision;
}

/** The highest revision that a state can have in which this is answered; null where any will do. */
function latestBefore(output: KeyValueOutput): number | null {
  switch (output.kind) {
    case 'value':
      return output.entry?.modRevision ?? null;
    case 'put':
      return output.revision - 1;
    case 'deleted':
      return output.isDeleted ? output.revision - 1 : output.revision;
    case 'conditionFailed':
      return output.current === 0 ? null : output.current;
  }
}

function afterGet(state: KeyState, output: KeyValueOutput | null): KeyState | null {
  if (output === null) return state;
  if (output.kind !== 'value') return null;
  const seen = output.entry;
  if (seen === null || state.entry === null) return seen === state.entry ? state : null;
  if (seen.value !== state.entry.value || seen.version !== state.entry.version) return null;
  const revealed = reveal(state, seen.modRevision);
  const created = seen.createRevision;
  const entry = revealed?.entry ?? null;
  if (revealed === null || entry === null) return null;
  if (created < entry.createdFrom || created > entry.createdUpTo) return null;
  if (entry.createdFrom === entry.createdUpTo) return revealed;
  return { revision: revealed.revision, isExact: true, entry: withCreation(entry, created, created) };
}

function afterPut(
  state: KeyState,
  { value, ifRevision }: Extract<KeyValueInput, { kind: 'put' }>,
  output: KeyValueOutput | null,
): KeyState | null {
  if (output?.kind === 'conditionFailed') return afterFailedCondition(state, ifRevision, output.current);
  const before = met(state, ifRevision);
  if (before === null) return null;
  const version = (before.entry?.version ?? 0) + 1;
  const least = before.revision + 1;
  if (output === null) return { revision: least, isExact: false, entry: put(before, value, least, Infinity) };
  if (output.kind !== 'put' || output.version !== version || output.revision < least) return null;
  const { revision } = output;
  return { revision, isExact: true, entry: put(before, value, revision, revision) };
}

function afterDelete(
  state: KeyState,
  { ifRevision }: Extract<KeyValueInput, { kind: 'delete' }>,
  output: KeyValueOutput | null,
): KeyState | null {
  if (output?.kind === 'conditionFailed') return afterFailedCondition(state, ifRevision, output.current);
  const before = met(state, ifRevision);
  if (before === null) return null;
  if (output === null) {
    // Without an answer, one that finds nothing need not be placed.
    return before.entry === null ? null : { revision: before.revision + 1, isExact: false, entry: null };
  }
  if (output.kind !== 'deleted' || output.isDeleted !== (before.entry !== null)) return null;
  const { revision, isDeleted } = output;
  if (revision < before.revision + (isDeleted ? 1 : 0)) return null;
  if (!isDeleted && revision === before.revision) return before;
  return { revision, isExact: false, entry: null };
}

/** The key has changed, at a revision between these two. */
function put({ entry }: KeyState, value: string, least: number, most: number): KnownEntry {
  if (entry === null) return { value, version: 1, createdFrom: least, createdUpTo: most };
  const version = entry.version + 1;
  // Every change since took a revision of its own.
  const createdUpTo = Math.min(entry.createdUpTo, most - (version - 1));
  return { value, version, createdFrom: entry.createdFrom, createdUpTo };
}

/** The state in which the condition holds, or null where it cannot. */
function met(state: KeyState, ifRevision: Condition): KeyState | null {
  if (ifRevision === null) return state;
  if (state.entry === null) return ifRevision === 0 ? state : null;
  return reveal(state, ifRevision);
}

function afterFailedCondition(state: KeyState, ifRevision: Condition, current: number): KeyState | null {
  if (ifRevision === null || current === ifRevision) return null;
  if (state.entry === null) return current === 0 ? state : null;
  return reveal(state, current);
}

/** The state where the last change has this revision, or null where it cannot have. */
function reveal(state: KeyState, modRevision: number): KeyState | null {
  const { revision, isExact, entry } = state;
  if (entry === null) return null;
  if (isExact) return revision === modRevision ? state : null;
  if (modRevision < revision) return null;
  const changes = entry.version - 1;
  const createdFrom = changes === 0 ? modRevision : entry.createdFrom;
  const createdUpTo = Math.min(entry.createdUpTo, modRevision - changes);
  return { revision: modRevision, isExact: true, entry: withCreation(entry, createdFrom, createdUpTo) };
}

function withCreation({ value, version }: KnownEntry, createdFrom: number, createdUpTo: number): KnownEntry {
  return { value, version, createdFrom, createdUpTo };
}
