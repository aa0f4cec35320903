/**
 * A workload as the core would cause it: terms, votes, entries, truncations, commits, snapshots taken and received. It is cut
 * into parts, the smallest things that a crash may keep or lose, and remembers what the log says after each.
 */

import {
  firstConfiguration,
  logIndex,
  nodeId,
  term,
  type Base,
  type Configuration,
  type Entry,
  type HardState,
  type LogIndex,
  type Member,
  type NewBase,
  type NodeId,
  type Term,
} from '@raftkv/core';
import type { WriteBatch } from '@raftkv/runtime';

/** What a log says, in a form that can be compared. */
export interface LogState {
  readonly hardState: HardState;
  readonly base: Base;
  /** Those after the base. */
  readonly entries: readonly Entry[];
  /** Names of the members that were bound. */
  readonly members: readonly string[];
}

/** One call of the storage. */
export type Call =
  /** The snapshot of its base was given before. */
  | { readonly kind: 'write'; readonly batch: WriteBatch }
  /** Its content follows from its base. */
  | { readonly kind: 'snapshot'; readonly base: Base }
  | { readonly kind: 'bind'; readonly member: string };

export interface Workload {
  readonly calls: readonly Call[];
  /** After each number of parts, from none on. */
  readonly states: readonly LogState[];
  /** How many parts are complete with each call. */
  readonly partsThrough: readonly number[];
}

const NODES = ['a', 'b', 'c'].map(nodeId);

export const MEMBERS: Configuration = firstConfiguration(
  NODES.map((id) => ({ id, data: new Uint8Array(0) })),
);

export function workloadOf(seed: number, length: number, before: LogState = NOTHING): Workload {
  const random = generator(seed);
  const states: LogState[] = [before];
  const calls: Call[] = [];
  const partsThrough: number[] = [];
  let state = before;
  const become = (next: LogState) => {
    state = next;
    states.push(next);
  };
  while (calls.length < length) {
    if (random(12) === 0) {
      const member = `m${random(5)}`;
      become({ ...state, members: [...new Set([...state.members, member])].toSorted() });
      calls.push({ kind: 'bind', member });
    } else {
      const newBase = random(9) === 0 ? newBaseOf(state, random) : null;
      if (newBase !== null) {
        calls.push({ kind: 'snapshot', base: newBase.base });
        partsThrough.push(states.length - 1);
      }
      // Some are never named.
      const named = newBase !== null && random(4) === 0 ? null : newBase;
      calls.push({ kind: 'write', batch: batchOf(state, named, random, become) });
    }
    partsThrough.push(states.length - 1);
  }
  return { calls, states, partsThrough };
}

const NOTHING: LogState = {
  hardState: { currentTerm: term(0), votedFor: null, commitIndex: logIndex(0) },
  base: { index: logIndex(0), term: term(0), configuration: MEMBERS, configurationIndex: logIndex(0) },
  entries: [],
  members: [],
};

function lastIndexOf({ base, entries }: LogState): number {
  return base.index + entries.length;
}

/** Of this node's own, where something new is committed, or, seldom, one from a leader that is far ahead. */
function newBaseOf(state: LogState, random: Random): NewBase | null {
  const { base, entries, hardState } = state;
  const { commitIndex, currentTerm } = hardState;
  if (currentTerm > 0 && random(4) === 0) {
    const index = logIndex(lastIndexOf(state) + 1 + random(20));
    const configuration = configurationOf(random);
    return {
      base: { index, term: currentTerm, configuration, configurationIndex: logIndex(random(index)) },
      isLogKept: false,
    };
  }
  if (commitIndex <= base.index) return null;
  const index = logIndex(commitIndex - random(Math.min(commitIndex - base.index, 3)));
  const covered = entries.slice(0, index - base.index);
  const last = covered.findLast((entry) => entry.kind === 'configuration');
  return {
    base: {
      index,
      term: covered.at(-1)?.term ?? base.term,
      configuration: last?.configuration ?? base.configuration,
      configurationIndex: last?.index ?? base.configurationIndex,
    },
    isLogKept: true,
  };
}

function behind({ entries }: LogState, { base, isLogKept }: NewBase): Pick<LogState, 'base' | 'entries'> {
  return { base, entries: isLogKept ? entries.filter(({ index }) => index > base.index) : [] };
}

/** Hard state, base, truncation, entries, each perhaps left out; what is committed is never truncated. */
function batchOf(
  before: LogState,
  newBase: NewBase | null,
  random: Random,
  become: (state: LogState) => void,
): WriteBatch {
  let state = before;
  const next = (change: Partial<LogState>) => {
    state = { ...state, ...change };
    become(state);
  };
  const { currentTerm, commitIndex } = state.hardState;
  const isFirst = currentTerm === 0;
  const hardState: HardState | null =
    isFirst || random(3) === 0
      ? {
          currentTerm: term(currentTerm + (isFirst ? 1 : random(2))),
          votedFor: NODES[random(4)] ?? null,
          commitIndex: logIndex(
            Math.min(Math.max(commitIndex, state.base.index) + random(3), lastIndexOf(state)),
          ),
        }
      : null;
  if (hardState !== null) next({ hardState });
  if (newBase !== null) next(behind(state, newBase));

  const committed = Math.max(state.hardState.commitIndex, state.base.index);
  const loose = lastIndexOf(state) - committed;
  const truncateFrom = loose > 0 && random(5) === 0 ? logIndex(committed + 1 + random(loose)) : null;
  if (truncateFrom !== null) next({ entries: state.entries.filter(({ index }) => index < truncateFrom) });

  const entries: Entry[] = [];
  const count = hardState === null && truncateFrom === null ? 1 + random(4) : random(4);
  for (let nth = 0; nth < count; nth += 1) {
    const index = logIndex(lastIndexOf(state) + 1);
    const entry = entryOf(index, state.hardState.currentTerm, random);
    entries.push(entry);
    next({ entries: [...state.entries, entry] });
  }
  return { hardState, newBase, truncateFrom, entries };
}

function entryOf(index: LogIndex, inTerm: Term, random: Random): Entry {
  const kind = (['no-op', 'configuration'] as const)[random(12)] ?? 'command';
  if (kind !== 'configuration') {
    return { index, term: inTerm, kind, data: new Uint8Array(sizeOf(random)).fill(random(256)) };
  }
  return { index, term: inTerm, kind, data: new Uint8Array(0), configuration: configurationOf(random) };
}

function configurationOf(random: Random): Configuration {
  const member = (id: NodeId): Member => ({ id, data: new Uint8Array(random(80)).fill(random(256)) });
  const [voters, others] = [NODES.slice(0, 2).map(member), NODES.slice(2).map(member)];
  if (random(2) === 0) return { kind: 'simple', voters, learners: others, removed: [] };
  return { kind: 'joint', incoming: others, outgoing: voters, learners: [], removed: NODES.slice(0, 1) };
}

/** Mostly small, some longer than a sector, a few longer than a segment of the tests. */
function sizeOf(random: Random): number {
  const kind = random(40);
  if (kind === 0) return 5000;
  return kind < 6 ? 600 + random(900) : random(60);
}

/** An integer from 0 to below `count`. */
type Random = (count: number) => number;

function generator(seed: number): Random {
  let word = (seed ^ 0x9e37_79b9) >>> 0;
  return (count) => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor(((word >>> 8) / 2 ** 24) * count);
  };
}
