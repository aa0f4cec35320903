/**
 * A workload as the core would cause it: terms, votes, entries, truncations, commits. It is cut into parts, the smallest
 * things that a crash may keep or lose, and remembers what the log says after each.
 */

import {
  logIndex,
  nodeId,
  term,
  type Configuration,
  type Entry,
  type HardState,
  type LogIndex,
  type Member,
  type NodeId,
  type Term,
} from '@raftkv/core';
import type { WriteBatch } from '@raftkv/runtime';

/** What a log says, in a form that can be compared. */
export interface LogState {
  readonly hardState: HardState;
  readonly entries: readonly Entry[];
  /** Names of the members that were bound. */
  readonly members: readonly string[];
}

/** One call of the storage. */
export type Call =
  | { readonly kind: 'write'; readonly batch: WriteBatch }
  | { readonly kind: 'bind'; readonly member: string };

export interface Workload {
  readonly calls: readonly Call[];
  /** After each number of parts, from none on. */
  readonly states: readonly LogState[];
  /** How many parts are complete with each call. */
  readonly partsThrough: readonly number[];
}

const NODES = ['a', 'b', 'c'].map(nodeId);

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
      calls.push({ kind: 'write', batch: batchOf(state, random, become) });
    }
    partsThrough.push(states.length - 1);
  }
  return { calls, states, partsThrough };
}

const NOTHING: LogState = {
  hardState: { currentTerm: term(0), votedFor: null, commitIndex: logIndex(0) },
  entries: [],
  members: [],
};

/** Hard state, truncation, entries, each perhaps left out; what is committed is never truncated. */
function batchOf(before: LogState, random: Random, become: (state: LogState) => void): WriteBatch {
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
          commitIndex: logIndex(Math.min(commitIndex + random(3), state.entries.length)),
        }
      : null;
  if (hardState !== null) next({ hardState });

  const { commitIndex: committed } = state.hardState;
  const loose = state.entries.length - committed;
  const truncateFrom = loose > 0 && random(5) === 0 ? logIndex(committed + 1 + random(loose)) : null;
  if (truncateFrom !== null) next({ entries: state.entries.slice(0, truncateFrom - 1) });

  const entries: Entry[] = [];
  const count = hardState === null && truncateFrom === null ? 1 + random(4) : random(4);
  for (let nth = 0; nth < count; nth += 1) {
    const index = logIndex(state.entries.length + 1);
    const entry = entryOf(index, state.hardState.currentTerm, random);
    entries.push(entry);
    next({ entries: [...state.entries, entry] });
  }
  return { hardState, newBase: null, truncateFrom, entries };
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
