/** What plans promise to the rules that they try. */

import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/index.ts';

describe('R19: plans with leases', () => {
  const leased = Array.from({ length: 400 }, (_, seed) => makePlan(seed)).filter(
    ({ core }) => core.leasePromiseMs !== undefined,
  );

  it('have no clock that runs ahead by a jump, whether members change or not; one that stands still they have', () => {
    for (const doChange of [true, false]) {
      const plans = leased.filter(({ changes }) => (changes !== undefined) === doChange);
      const kinds = new Set(plans.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
      expect([doChange, kinds.has('jump'), kinds.has('sleep')]).toEqual([doChange, false, true]);
    }
  });

  it('have faults in the order of their times, those of coups among them', () => {
    for (const { faults } of leased) {
      const times = faults.map(({ atMs }) => atMs);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    }
    const shapes = leased.flatMap(({ changes, faults }) =>
      changes === undefined ? [] : faults.flatMap((fault) => (fault.kind === 'cut' ? [fault.shape] : [])),
    );
    expect(shapes).toContain('one faithful');
  });
});
