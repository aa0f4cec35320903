/** Values under rising numbers, against a map. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rising } from '../../src/node/rising.ts';

describe('rising numbers', () => {
  it('agree with a map, in whatever order values are taken out', () => {
    const operation = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), by: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant('take' as const), back: fc.nat(40) }),
      fc.record({ kind: fc.constant('takeAll' as const), back: fc.nat(0) }),
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const [rising, map] = [new Rising<string>(), new Map<number, string>()];
        const [given, expected]: [unknown[], unknown[]] = [[], []];
        let last = 0;
        for (const one of operations) {
          if (one.kind === 'add') {
            last += one.by;
            rising.add(last, `value ${last}`);
            map.set(last, `value ${last}`);
          } else if (one.kind === 'take') {
            given.push(rising.take(last - one.back));
            expected.push(map.get(last - one.back) ?? null);
            map.delete(last - one.back);
          } else {
            given.push(rising.takeAll());
            expected.push([...map.values()]);
            map.clear();
          }
        }
        expect(given).toEqual(expected);
        expect(rising.size).toBe(map.size);
        expect(rising.takeAll()).toEqual([...map.values()]);
      }),
      { numRuns: 500 },
    );
  });

  it('are as many as wait, however many there were', () => {
    const rising = new Rising<number>();
    for (let number = 1; number <= 50; number += 1) rising.add(number, number);
    for (let number = 51; number <= 100_000; number += 1) {
      rising.add(number, number);
      expect(rising.take(number - 50)).toBe(number - 50);
    }
    expect(rising.slots).toBeLessThanOrEqual(2 * 50 + 1024);
    expect(rising.takeAll()).toHaveLength(50);
  });

  it('take no more room while the first waits, however many come and go behind it', () => {
    const rising = new Rising<number>();
    rising.add(1, 1);
    for (let number = 2; number <= 10_000; number += 1) {
      rising.add(number, number);
      rising.take(number);
      expect(rising.slots).toBeLessThanOrEqual(2 * 2 + 1024);
    }
    expect([rising.size, rising.take(1)]).toEqual([1, 1]);
  });

  it('refuse one that does not rise', () => {
    const rising = new Rising<number>();
    rising.add(2, 2);
    expect(() => rising.add(2, 2)).toThrow(RangeError);
  });
});
