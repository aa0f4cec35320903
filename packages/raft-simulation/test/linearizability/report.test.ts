import { describe, expect, it } from 'vitest';
import {
  checkLinearizable,
  describeViolation,
  keyValueModel,
  keyValueReport,
  type KeyValueOperation,
  type ReportOptions,
} from '../../src/linearizability/index.ts';
import { get, put } from './support.ts';

type Options = ReportOptions<
  typeof keyValueModel.initial,
  KeyValueOperation['input'],
  NonNullable<KeyValueOperation['output']>
>;

function reportOf(history: readonly KeyValueOperation[], options: Options = keyValueReport): string[] {
  const named = history.map((operation, client) => ({ ...operation, client }));
  const verdict = checkLinearizable(keyValueModel, named);
  return verdict.kind === 'violated' ? describeViolation(verdict, options).split('\n') : [];
}

const history = [
  put([1, 4], 'old', [2, 1]),
  put([2, 9], 'unseen', { current: 2 }, { ifRevision: 7 }),
  put([3, null], 'lost', null),
  put([7, 10], 'new', [3, 2], { ifRevision: 2 }),
  get([11, 12], ['old', 2, 1, 2]),
];

describe('the report of a violation', () => {
  it('draws each operation against time, and says what could not follow', () => {
    expect(reportOf(history)).toEqual([
      'x: these 4 operations have no order in which all answers are right',
      'place client time                         operation',
      '    1      0 |-|                          put old -> revision 2, version 1',
      '    -      2  |-------------------------> put lost -> ?',
      '    2      3    ||                        put new if revision 2 -> revision 3, …',
      '    >      4      ||                      get -> old, revision 2, version 1',
      'after 2 of them in order, none marked > can follow in the state',
      'new, revision 3, version 2',
    ]);
  });

  it('shows the last operations of many, and JSON where it is not told how', () => {
    const lines = reportOf(history, { operationsMax: 1 });
    expect(lines[1]).toBe('the first 3 of them are not shown');
    expect(lines[3]).toMatch(/^ {4}> {6}4 \|\| +\{"kind":"get"/);
    expect(lines.every((line) => line.length <= 80)).toBe(true);
  });

  it('draws more moments than there are columns, in order', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      put([index * 2, index * 2 + 1], String(index), [index + 2, index + 1]),
    );
    const bars = reportOf([...many, get([61, 62], null)]).slice(2, -2);
    expect(bars).toHaveLength(31);
    const starts = bars.map((line) => line.indexOf('|'));
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(Math.max(...bars.map((line) => line.lastIndexOf('|')))).toBeLessThan(13 + 28);
  });
});
