/** R28: whose disk may be emptied, in plans and in runs. */

import {
  emptyRecord,
  firstConfiguration,
  logIndex,
  noConfiguration,
  nodeId,
  term,
  type Configuration,
  type Entry,
} from '@raftkv/core';
import { encodeMemberRecord } from '@raftkv/runtime';
import { describe, expect, it } from 'vitest';
import {
  emptyingRuleAmong,
  isNamedIn,
  makePlan,
  type DurableLog,
  type FaultyDisk,
  type SimulatedHost,
} from '../../src/index.ts';

const [A, B, D] = [nodeId('a'), nodeId('b'), nodeId('d')];
const FIRST = firstConfiguration([A, B].map((id) => ({ id, data: new Uint8Array() })));

type Memory = Pick<FaultyDisk, 'lastIndex' | 'wipes'> & { readonly known?: string };

/** Machines of which nothing counts but what their disks remember. */
function hosts(memories: Readonly<Record<string, Memory>>): SimulatedHost<FaultyDisk>[] {
  return Object.entries(memories).map(
    ([id, { known = '', ...disk }]) =>
      ({
        id: nodeId(id),
        disk: { ...disk, knows: (peer: string) => known.includes(peer) },
      }) as unknown as SimulatedHost<FaultyDisk>,
  );
}

function mayEmpty(id: string, memories: Readonly<Record<string, Memory>>): boolean {
  const all = hosts(memories);
  return emptyingRuleAmong(FIRST)(
    all.find((host) => host.id === nodeId(id))!,
    all,
  );
}

describe('R28: where members change', () => {
  it('a first member is emptied only where all that may count on it know its incarnation', () => {
    const met = { lastIndex: 5, known: 'a' };
    const unmet = { lastIndex: 5 };
    expect(mayEmpty('a', { a: unmet, b: met, d: met })).toBe(true);
    expect(mayEmpty('a', { a: unmet, b: unmet, d: met })).toBe(false);
    expect(mayEmpty('a', { a: unmet, b: met, d: unmet })).toBe(false);
    // It would be taken for new by a first member that is new itself.
    expect(mayEmpty('a', { a: unmet, b: { lastIndex: 0 }, d: met })).toBe(false);
  });

  it('who never took part, and who was emptied, has nothing to know', () => {
    expect(mayEmpty('a', { a: {}, b: { lastIndex: 5, known: 'a' }, d: { lastIndex: 0 } })).toBe(true);
    expect(mayEmpty('a', { a: {}, b: { lastIndex: 0, wipes: 1 } })).toBe(true);
  });

  it('who joined is a voter by a configuration alone, and that names it', () => {
    expect(mayEmpty('d', { a: { lastIndex: 5 }, b: { lastIndex: 0 }, d: {} })).toBe(true);
  });

  it('a log names an incarnation by the last configuration that it holds as committed', () => {
    const named = encodeMemberRecord({ address: null, incarnation: new Uint8Array(16) });
    const unnamed = encodeMemberRecord({ address: null, incarnation: null });
    const naming = (data: Uint8Array) => firstConfiguration([{ id: A, data }]);
    expect(isNamedIn(logOf(2, naming(unnamed), naming(named)), A)).toBe(true);
    expect(isNamedIn(logOf(1, naming(unnamed), naming(named)), A)).toBe(false);
    expect(isNamedIn(logOf(0, naming(named)), A)).toBe(false);
    // Nobody counts on who is no member.
    expect(isNamedIn(logOf(1, naming(named)), D)).toBe(true);
  });
});

describe('R28: plans in which members change', () => {
  const changing = Array.from({ length: 600 }, (_, seed) => makePlan(seed)).filter(
    ({ changes }) => changes !== undefined,
  );

  it('empty fewer than half of the first members, and some who join', () => {
    let joined = 0;
    let first = 0;
    for (const { hosts: machines, faults } of changing) {
      const wiped = new Set(faults.flatMap((fault) => (fault.kind === 'wipe' ? [fault.target] : [])));
      const founders = machines.filter(({ isSpare = false }) => !isSpare);
      const emptied = founders.filter(({ id }) => wiped.has(id)).length;
      expect(emptied * 2).toBeLessThan(founders.length);
      first += emptied;
      joined += wiped.size - emptied;
    }
    expect([first > 0, joined > 0]).toEqual([true, true]);
  });
});

/** Configurations from index 1 on, committed up to `commit`. */
function logOf(commit: number, ...configurations: readonly Configuration[]): DurableLog {
  const entries = configurations.map((configuration, at): Entry => ({
    index: logIndex(at + 1),
    term: term(1),
    kind: 'configuration',
    data: new Uint8Array(),
    configuration,
  }));
  return {
    version: 1,
    wipes: 0,
    hardState: { currentTerm: term(1), votedFor: null, commitIndex: logIndex(commit) },
    lastIndex: entries.length,
    base: emptyRecord(noConfiguration()).base,
    entryAt: (index) => entries[index - 1] ?? null,
  };
}
