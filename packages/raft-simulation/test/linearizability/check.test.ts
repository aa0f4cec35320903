import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkLinearizable,
  checkRevisions,
  keyValueModel,
  type KeyValueOperation,
  type KeyValueOutput,
  type Model,
  type Operation,
} from '../../src/linearizability/index.ts';
import { draft, historyOf, type Draft } from './runs.ts';
import { get, hasOrder, put } from './support.ts';

interface RegisterInput {
  readonly write: number | null;
}

/** One number, 0 at first; a write answers 0. It tells the checker nothing but what a step does. */
const register: Model<number, RegisterInput, number> = {
  initial: 0,
  partOf: () => 'register',
  step(state, { write }, output) {
    if (write !== null) return write;
    return output === null || output === state ? state : null;
  },
  keyOf: String,
};

const registerHistory: fc.Arbitrary<Operation<RegisterInput, number>[]> = fc.array(
  fc
    .record({
      write: fc.option(fc.integer({ min: 1, max: 3 })),
      read: fc.integer({ min: 0, max: 3 }),
      called: fc.integer({ min: 0, max: 12 }),
      length: fc.option(fc.integer({ min: 0, max: 8 }), { freq: 3 }),
    })
    .map(({ write, read, called, length }) => ({
      client: 0,
      called,
      returned: length === null ? null : called + length,
      input: { write },
      output: length === null ? null : write === null ? read : 0,
    })),
  { maxLength: 7 },
);

const DIFFERENT_VALUES = Array.from({ length: 40 }, (_, value) => String(value));
const small = draft({ keys: ['x'], values: ['1', '2', '3'], spreadMax: 30 });
const wide = draft({ keys: ['x', 'y'], values: DIFFERENT_VALUES, spreadMax: 60 });

/** One answer with one of its numbers, or its value, another one. */
function mutated(output: KeyValueOutput, field: number, by: number): KeyValueOutput {
  switch (output.kind) {
    case 'value': {
      if (output.entry === null) return output;
      const name = (['modRevision', 'version', 'createRevision'] as const)[field % 3]!;
      if (field > 3) return { kind: 'value', entry: { ...output.entry, value: String(by + 2) } };
      return { kind: 'value', entry: { ...output.entry, [name]: output.entry[name] + by } };
    }
    case 'put': {
      const name = (['revision', 'version'] as const)[field % 2]!;
      return { ...output, [name]: output[name] + by };
    }
    case 'deleted':
      return field % 2 === 0
        ? { ...output, revision: output.revision + by }
        : { ...output, isDeleted: !output.isDeleted };
    case 'conditionFailed':
      return { ...output, current: output.current + by };
  }
}

describe('the checker', () => {
  it('agrees with the definition, for a model that tells it nothing', () => {
    let violated = 0;
    fc.assert(
      fc.property(registerHistory, (history) => {
        const verdict = checkLinearizable(register, history);
        if (verdict.kind === 'violated') violated += 1;
        expect(verdict.kind).toBe(hasOrder(register, history) ? 'linearizable' : 'violated');
      }),
      { numRuns: 3_000 },
    );
    expect(violated).toBeGreaterThan(100);
  });

  it('agrees with the definition for a store of which one answer is wrong', () => {
    let violated = 0;
    fc.assert(
      fc.property(
        fc.array(small, { maxLength: 7 }),
        fc.nat(6),
        fc.nat(5),
        fc.constantFrom(-1, 1),
        (drafts, at, field, by) => {
          const history = historyOf(drafts).map((operation, index) =>
            index !== at || operation.output === null
              ? operation
              : { ...operation, output: mutated(operation.output, field, by) },
          );
          const verdict = checkLinearizable(keyValueModel, history);
          expect(verdict.kind).toBe(hasOrder(keyValueModel, history) ? 'linearizable' : 'violated');
          if (verdict.kind !== 'violated') return;
          violated += 1;
          expect(hasOrder(keyValueModel, verdict.history)).toBe(false);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(violated).toBeGreaterThan(100);
  });

  it('finds an order of whatever a store that behaves has answered', () => {
    fc.assert(
      fc.property(fc.array(wide, { maxLength: 60 }), (drafts) => {
        const history = historyOf(drafts);
        expect(checkLinearizable(keyValueModel, history)).toEqual({ kind: 'linearizable' });
        expect(checkRevisions(history)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  it('never passes for right what it could not decide', () => {
    const history = [put([1, 2], '1', [2, 1]), get([3, 4], ['1', 2, 1, 2])];
    expect(checkLinearizable(keyValueModel, history, { stepsMax: 1 })).toEqual({
      kind: 'undecided',
      part: 'x',
      stepsMax: 1,
    });
  });

  it('tells a violation of one key, also where another is undecided', () => {
    const long = Array.from({ length: 30 }, (_, index) =>
      put([index * 2, index * 2 + 1], 'x', [index + 2, index + 1]),
    );
    const wrong = get([1, 2], ['nobody', 9, 1, 9], 'y');
    expect(checkLinearizable(keyValueModel, [...long, wrong], { stepsMax: 20 })).toMatchObject({
      kind: 'violated',
      part: 'y',
    });
  });

  it('refuses operations that cannot be', () => {
    const right = put([1, 2], '1', [2, 1]);
    const check = (change: Partial<KeyValueOperation>): unknown =>
      checkLinearizable(keyValueModel, [{ ...right, ...change }]);
    for (const change of [{ returned: 0 }, { called: NaN }, { returned: null }, { output: null }])
      expect(() => check(change)).toThrow(RangeError);
    expect(() => check({ called: NaN, returned: null, output: null })).toThrow(RangeError);
  });
});

describe('what is shown of a violation', () => {
  const right = [
    put([1, 2], '1', [2, 1]),
    get([3, 4], ['1', 2, 1, 2]),
    put([5, 6], '2', [3, 2]),
    get([7, 8], ['2', 3, 2, 2]),
  ];
  const stale = get([9, 12], ['1', 2, 1, 2]);
  const later = [put([10, 14], '3', [4, 3]), put([15, 16], '4', [5, 4])];

  it('ends with the first return that cannot be, and has the writes and no other read', () => {
    const verdict = checkLinearizable(keyValueModel, [...right, stale, ...later]);
    const pending = { ...later[0], returned: null, output: null };
    expect(verdict).toMatchObject({ history: [right[0], right[2], stale, pending] });
  });

  it('has the longest order, the state after it, and what could not follow', () => {
    const verdict = checkLinearizable(keyValueModel, [...right, stale]);
    expect(verdict).toMatchObject({
      stuck: { order: [right[0], right[2]], state: { revision: 3, entry: { value: '2' } }, next: [stale] },
    });
  });
});

/** Numbers that look drawn, and are the same each time. Source: the minimal standard generator of Park and Miller (1988). */
function drawn(): (below: number) => number {
  let state = 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** Twelve clients at a time on each key, one write of forty unanswered. */
function longRun(operations: number, keys: number): KeyValueOperation[] {
  const next = drawn();
  const drafts = Array.from({ length: operations }, (_, index): Draft => {
    const kind = (['get', 'put', 'get', 'put', 'put', 'delete'] as const)[next(6)]!;
    return {
      kind: kind === 'delete' && next(4) > 0 ? 'put' : kind,
      key: `k${next(keys)}`,
      value: `v${index}`,
      condition: next(4) === 0 ? 'current' : 'none',
      before: next(60 * keys),
      after: next(60 * keys),
      fate: next(40) > 0 ? 'answered' : next(2) === 0 ? 'applied' : 'lost',
    };
  });
  return historyOf(drafts);
}

describe('a long history', () => {
  it('is decided, though a hundred writes of each key have no answer', () => {
    const history = longRun(20_000, 5);
    const unknown = history.filter(({ returned }) => returned === null);
    expect(unknown.length).toBeGreaterThan(400);
    expect(checkLinearizable(keyValueModel, history)).toEqual({ kind: 'linearizable' });
  });

  it('is decided where one answer late in it is wrong', () => {
    const history = longRun(5_000, 5);
    const at = history.findLastIndex(({ output }) => output?.kind === 'value' && output.entry !== null);
    const wrong = history.map((operation, index) =>
      index === at ? { ...operation, output: mutated(operation.output!, 0, -1) } : operation,
    );
    expect(checkLinearizable(keyValueModel, wrong)).toMatchObject({ kind: 'violated' });
  });
});
