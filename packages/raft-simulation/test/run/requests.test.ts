/** One outcome for each call, and what it says is what happened. */

import { InvariantViolation, logIndex, nodeId, term } from '@raftkv/core';
import { NotLeaderError, OutcomeUnknownError, type Command } from '@raftkv/runtime';
import { beforeEach, describe, expect, it } from 'vitest';
import { Acknowledged } from '../../src/check/acknowledged.ts';
import { commandOf, numberOf, Requests } from '../../src/run/requests.ts';

const A = nodeId('a');
let requests = new Requests(new Acknowledged([]));

beforeEach(() => {
  requests = new Requests(new Acknowledged([]));
});

function applied(number: number, index: number): Command {
  return { index: logIndex(index), term: term(1), data: commandOf(number, 8) };
}

function done(number: number, index: number) {
  return { error: null, value: { index: logIndex(index), term: term(1), result: number } } as const;
}

function seen(index: number) {
  return { error: null, value: index } as const;
}

const REFUSED = { error: new NotLeaderError(null) } as const;
const UNKNOWN = { error: new OutcomeUnknownError('gone') } as const;

function violation(work: () => unknown): string {
  try {
    work();
    return 'holds';
  } catch (error) {
    return error instanceof InvariantViolation ? error.invariant : 'error';
  }
}

describe('calls', () => {
  it('carry their number', () => {
    expect(numberOf(commandOf(12_345, 200))).toBe(12_345);
    expect(commandOf(1, 3).length).toBe(8);
  });

  it('may be done, refused, unknown or lost, each once', () => {
    const [one, two, three, four] = [1, 2, 3, 4].map(() => requests.ask('propose', A, 0));
    requests.onApplied(applied(1, 5));
    requests.onProposed(one!, done(1, 5));
    requests.onProposed(two!, REFUSED);
    requests.onProposed(three!, UNKNOWN);
    requests.onApplied(applied(3, 6));
    requests.onCrash(A);
    expect([one, two, three, four].map((request) => request?.outcome)).toEqual([
      'done',
      'not-applied',
      'unknown',
      'lost',
    ]);
    expect(violation(() => requests.checkEffects())).toBe('holds');
    expect(violation(() => requests.onProposed(two!, REFUSED))).toBe('one-outcome');
  });

  it('that were refused are never applied, before or after', () => {
    const [one, two] = [requests.ask('propose', A, 0), requests.ask('propose', A, 0)];
    requests.onProposed(one, REFUSED);
    expect(violation(() => requests.onApplied(applied(1, 5)))).toBe('one-outcome');
    requests.onApplied(applied(2, 6));
    expect(violation(() => requests.onProposed(two, REFUSED))).toBe('one-outcome');
  });

  it('are applied at one index', () => {
    requests.ask('propose', A, 0);
    requests.onApplied(applied(1, 5));
    requests.onApplied(applied(1, 5));
    expect(violation(() => requests.onApplied(applied(1, 6)))).toBe('one-outcome');
  });

  it('are acknowledged where they took effect, and with their own answer', () => {
    for (const answer of [done(1, 6), done(2, 5)]) {
      const fresh = new Requests(new Acknowledged([]));
      const request = fresh.ask('propose', A, 0);
      fresh.onApplied(applied(1, 5));
      expect(violation(() => fresh.onProposed(request, answer))).toBe('one-outcome');
    }
  });

  it('that were acknowledged and took no effect are lost', () => {
    const request = requests.ask('propose', A, 0);
    expect(violation(() => requests.onProposed(request, done(1, 5)))).toBe('one-outcome');
    expect(violation(() => requests.checkEffects())).toBe('one-outcome');
  });
});

describe('a read', () => {
  it('sees what was acknowledged before it was asked, in the index confirmed and in what was applied', () => {
    requests.onApplied(applied(1, 5));
    requests.onProposed(requests.ask('propose', A, 0), done(1, 5));
    const read = () => requests.ask('read', A, 0);
    expect(violation(() => requests.onRead(read(), seen(5), 5))).toBe('holds');
    expect(violation(() => requests.onRead(read(), seen(4), 5))).toBe('linearizable-read');
    expect(violation(() => requests.onRead(read(), seen(5), 4))).toBe('linearizable-read');
  });

  it('need not see what was acknowledged after it was asked', () => {
    const read = requests.ask('read', A, 0);
    const write = requests.ask('propose', A, 0);
    requests.onApplied(applied(2, 5));
    requests.onProposed(write, done(2, 5));
    expect(violation(() => requests.onRead(read, { error: null, value: 0 }, 0))).toBe('holds');
  });

  it('that may be stale sees what was acknowledged so long before', () => {
    let nowMs = 0;
    const aged = new Requests(new Acknowledged([{ id: A, clock: { nowMs: () => nowMs } }]));
    aged.onApplied(applied(1, 5));
    aged.onProposed(aged.ask('propose', A, 0), done(1, 5));
    const read = () => aged.ask('read', A, nowMs, 100);
    nowMs = 100;
    expect(violation(() => aged.onRead(read(), seen(4), 4))).toBe('holds');
    nowMs = 101;
    expect(violation(() => aged.onRead(read(), seen(4), 4))).toBe('bounded-read');
    expect(violation(() => aged.onRead(read(), seen(5), 5))).toBe('holds');
  });

  it('and a write are needed for a cluster to be served', () => {
    const write = requests.ask('propose', A, 10);
    requests.onApplied(applied(1, 5));
    requests.onProposed(write, done(1, 5));
    expect(requests.isServedSince(5)).toBe(false);
    requests.onRead(requests.ask('read', A, 11), { error: null, value: 5 }, 5);
    expect([requests.isServedSince(5), requests.isServedSince(10)]).toEqual([true, false]);
    expect(requests.waiting(['a']).length).toBe(0);
    requests.ask('read', A, 12);
    expect([requests.waiting(['a']).length, requests.waiting(['b']).length]).toEqual([1, 0]);
  });
});
