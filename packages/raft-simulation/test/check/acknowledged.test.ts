/** R17: what a read of one machine has to see, by that machine's own clock. */

import { nodeId } from '@raftkv/core';
import { describe, expect, it } from 'vitest';
import { Acknowledged } from '../../src/index.ts';

const [A, B] = [nodeId('a'), nodeId('b')];

class Clock {
  shownMs = 0;
  nowMs(): number {
    return this.shownMs;
  }
}

const [slow, quick] = [new Clock(), new Clock()];

/** When the clocks show this. */
function at(acknowledged: Acknowledged, slowMs: number, quickMs: number): Acknowledged {
  slow.shownMs = slowMs;
  quick.shownMs = quickMs;
  return acknowledged;
}

function acknowledgedAt(): Acknowledged {
  const acknowledged = new Acknowledged([
    { id: A, clock: slow },
    { id: B, clock: quick },
  ]);
  at(acknowledged, 100, 1000).note(5);
  at(acknowledged, 110, 1100).note(4);
  at(acknowledged, 120, 1200).note(9);
  return acknowledged;
}

function due(slowMs: number, quickMs: number): number[] {
  const acknowledged = at(acknowledgedAt(), slowMs, quickMs);
  return [acknowledged.dueFor(A, 50), acknowledged.dueFor(B, 50)];
}

describe('what was acknowledged', () => {
  it('is due at once where nothing may be stale, however often less is acknowledged again', () => {
    const acknowledged = acknowledgedAt();
    expect([acknowledged.dueFor(A, 0), acknowledged.last]).toEqual([9, 9]);
  });

  it('is due once it is older than a read may be stale, by the clock of who is asked', () => {
    expect(due(150, 1250)).toEqual([0, 5]);
    expect(due(151, 1251)).toEqual([5, 9]);
    expect(due(171, 1300)).toEqual([9, 9]);
  });
});
