import { describe, expect, it } from 'vitest';
import {
  checkLinearizable,
  checkRevisions,
  keyValueModel,
  type KeyValueOperation,
} from '../../src/linearizability/index.ts';
import { del, get, hasOrder, put } from './support.ts';

const x1 = ['1', 2, 1, 2] as const;
const x2 = ['2', 3, 2, 2] as const;

/** Each with what makes it right or wrong. */
const LINEARIZABLE: Record<string, readonly KeyValueOperation[]> = {
  'nothing at all': [],
  'a write and a read after it': [put([1, 2], '1', [2, 1]), get([3, 4], x1)],
  'a read during a write, before it': [put([1, 4], '1', [2, 1]), get([2, 3], null)],
  'a read during a write, after it': [put([1, 4], '1', [2, 1]), get([2, 3], x1)],
  'concurrent writes in the order of their calls': [
    put([1, 4], '1', [2, 1]),
    put([2, 5], '2', [3, 2]),
    get([6, 7], x2),
  ],
  'concurrent writes in the other order': [
    put([1, 4], '2', [3, 2]),
    put([2, 5], '1', [2, 1]),
    get([6, 7], x2),
  ],
  'what is called as another returns overlaps with it': [put([1, 2], '1', [2, 1]), get([2, 3], null)],
  'an unknown write that is never seen': [put([1, null], '1', null), get([2, 3], null), get([4, 5], null)],
  'an unknown write that is seen late': [
    put([1, null], '1', null),
    get([2, 3], null),
    get([4, 5], ['1', 9, 1, 9]),
    get([6, 7], ['1', 9, 1, 9]),
  ],
  'an unknown write that shows in the version alone': [
    put([1, 2], '1', [2, 1]),
    put([3, null], 'lost', null),
    put([4, 5], '3', [8, 3]),
  ],
  'unknown writes of one value, seen twice': [
    put([1, null], '1', null),
    put([1, null], '1', null),
    get([2, 3], x1),
    get([4, 5], ['1', 5, 2, 2]),
  ],
  'an unknown write that created what another changed': [
    put([1, null], 'lost', null),
    put([2, 3], '2', [9, 2]),
    get([4, 5], ['2', 9, 2, 4]),
  ],
  'an unknown delete that makes the key new': [
    put([1, 2], '1', [2, 1]),
    del([3, null], null),
    put([4, 5], '2', [6, 1]),
    get([6, 7], ['2', 6, 1, 6]),
  ],
  'a delete, of nothing the second time': [
    put([1, 2], '1', [2, 1]),
    del([3, 4], [3, true]),
    del([5, 6], [7, false]),
    put([7, 8], '2', [8, 1]),
  ],
  'compare-and-set, one of two': [
    put([1, 2], '1', [2, 1]),
    put([3, 6], '2', [3, 2], { ifRevision: 2 }),
    put([4, 5], '3', { current: 3 }, { ifRevision: 2 }),
    get([7, 8], x2),
  ],
  'a creation, one of two': [
    put([1, 4], '1', { current: 2 }, { ifRevision: 0 }),
    put([2, 3], '1', [2, 1], { ifRevision: 0 }),
    del([5, 6], { current: 2 }, { ifRevision: 7 }),
  ],
  'a condition that names the revision of an unknown write': [
    put([1, null], '1', null),
    put([2, 3], '2', [9, 2], { ifRevision: 7 }),
    get([4, 5], ['2', 9, 2, 7]),
  ],
  'an unknown compare-and-set that took effect': [
    put([1, 2], '1', [2, 1]),
    put([3, null], '2', null, { ifRevision: 2 }),
    put([4, 5], '3', { current: 3 }, { ifRevision: 2 }),
  ],
};

const VIOLATED: Record<string, readonly KeyValueOperation[]> = {
  'a stale read': [put([1, 2], '1', [2, 1]), put([3, 4], '2', [3, 2]), get([5, 6], x1)],
  'a read of nothing after a write': [put([1, 2], '1', [2, 1]), get([3, 4], null)],
  'reads that go back': [
    put([1, 2], '1', [2, 1]),
    put([3, 9], '2', [3, 2]),
    get([4, 5], x2),
    get([6, 7], x1),
  ],
  'a lost update': [put([1, 2], '1', [2, 1]), put([3, 4], '2', [3, 2]), put([5, 6], '3', [4, 2])],
  'a write applied twice': [put([1, 2], '1', [2, 1]), get([3, 4], ['1', 3, 2, 2])],
  'an unknown write applied twice': [put([1, null], '1', null), get([2, 3], x1), get([4, 5], ['1', 5, 2, 2])],
  'an unknown write that goes away': [put([1, null], '1', null), get([2, 3], x1), get([4, 5], null)],
  'an unknown write that is seen before it is called': [get([1, 2], x1), put([3, null], '1', null)],
  'a value that nobody wrote': [put([1, 2], '1', [2, 1]), get([3, 4], ['7', 3, 2, 2])],
  'more writes than there were': [
    put([1, null], '1', null),
    put([2, null], '2', null),
    put([3, 4], '3', [9, 4]),
  ],
  'an unknown write that would need a revision between two neighbours': [
    put([1, 2], '1', [2, 1]),
    put([3, null], 'lost', null),
    put([4, 5], '3', [3, 3]),
  ],
  'a creation that is later than the second change': [
    put([1, null], 'lost', null),
    put([2, 3], '2', [9, 2]),
    get([4, 5], ['2', 9, 2, 9]),
  ],
  'two compare-and-sets on one revision': [
    put([1, 2], '1', [2, 1]),
    put([3, 6], '2', [3, 2], { ifRevision: 2 }),
    put([4, 5], '3', [4, 3], { ifRevision: 2 }),
  ],
  'two creations of one key': [
    put([1, 3], '1', [2, 1], { ifRevision: 0 }),
    put([2, 4], '2', [3, 1], { ifRevision: 0 }),
  ],
  'a condition that failed although it held': [
    put([1, 2], '1', [2, 1]),
    put([3, 4], '2', { current: 2 }, { ifRevision: 2 }),
  ],
  'a condition that failed on a revision that is not the key’s': [
    put([1, 2], '1', [2, 1]),
    put([3, 4], '2', { current: 5 }, { ifRevision: 4 }),
  ],
  'a delete of nothing that says it deleted': [del([1, 2], [2, true])],
  'a delete that says there was nothing': [put([1, 2], '1', [2, 1]), del([3, 4], [2, false])],
};

describe('a history of one key', () => {
  for (const [name, history] of Object.entries(LINEARIZABLE)) {
    it(`is linearizable: ${name}`, () => {
      expect(hasOrder(keyValueModel, history)).toBe(true);
      expect(checkLinearizable(keyValueModel, history)).toEqual({ kind: 'linearizable' });
    });
  }
  for (const [name, history] of Object.entries(VIOLATED)) {
    it(`is violated: ${name}`, () => {
      expect(hasOrder(keyValueModel, history)).toBe(false);
      const verdict = checkLinearizable(keyValueModel, history);
      expect(verdict).toMatchObject({ kind: 'violated', part: 'x' });
      // What is shown is itself without an order.
      expect(verdict.kind === 'violated' && hasOrder(keyValueModel, verdict.history)).toBe(false);
    });
  }
});

describe('revisions across keys', () => {
  const y = { key: 'y' };
  it('may come in any order from what overlaps', () => {
    expect(checkRevisions([put([1, 4], '1', [3, 1]), put([2, 5], '1', [2, 1], y)])).toBeNull();
    expect(checkRevisions([put([1, 2], '1', [3, 1]), put([2, 5], '1', [2, 1], y)])).toBeNull();
  });

  it('rise from what returned to what is called then', () => {
    const first = put([1, 2], '1', [3, 1]);
    const second = put([3, 4], '1', [2, 1], y);
    // Each key alone is right.
    expect(checkLinearizable(keyValueModel, [first, second]).kind).toBe('linearizable');
    expect(checkRevisions([second, first])).toEqual({ kind: 'falling', first, second });
  });

  it.each([
    ['a read', get([1, 2], ['1', 3, 1, 3])],
    ['a condition that failed', put([1, 2], '1', { current: 3 }, { ifRevision: 1 })],
    ['a delete of nothing', del([1, 2], [3, false])],
  ])('rise above what %s has shown', (_, first) => {
    const second = del([3, 4], [3, true], y);
    expect(checkRevisions([first, second])).toEqual({ kind: 'falling', first, second });
    expect(checkRevisions([first, del([3, 4], [4, true], y)])).toBeNull();
  });

  it('are not below, where nothing was deleted, and may be below in what is read', () => {
    const first = put([1, 2], '1', [3, 1]);
    const second = del([3, 4], [2, false], y);
    expect(checkRevisions([first, second])).toEqual({ kind: 'falling', first, second });
    expect(checkRevisions([first, del([3, 4], [3, false], y), get([3, 4], x1, 'z')])).toBeNull();
  });

  it('belong to one change each', () => {
    const first = put([1, 4], '1', [2, 1]);
    const second = del([2, 5], [2, true], y);
    expect(checkRevisions([first, second])).toEqual({ kind: 'shared', first, second });
    expect(checkRevisions([first, put([6, null], '2', null)])).toBeNull();
  });
});
