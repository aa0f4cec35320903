/** Every invariant is driven broken once, and named by the module that asserts it. */

import { expect, it } from 'vitest';
import { INVARIANTS, KeyValueMachine, MachineInvariantViolation, type InvariantName } from '../src/index.ts';
import { INITIAL_LIMITS } from '../src/limits.ts';
import { Sessions } from '../src/sessions.ts';
import { committed, Feed, nonce, put } from './support/feed.ts';

const CASES: Record<InvariantName, () => unknown> = {
  'applied-in-order': () => {
    const open = committed(2, { kind: 'openSession', nonce: nonce(1) });
    return new KeyValueMachine().apply([open, open]);
  },
  'commands-decode': () => new KeyValueMachine().apply([committed(1, new Uint8Array(3))]),
  'session-judged': () => {
    const position = { session: 1, sequence: 1, acknowledgedBelow: 1 };
    Sessions.empty().keep(position, { kind: 'done' }, INITIAL_LIMITS);
  },
  'reply-within-window': () => {
    const sessions = Sessions.empty();
    sessions.open(1, nonce(1), INITIAL_LIMITS);
    const sequence = 1 + INITIAL_LIMITS.sequenceWindow;
    sessions.keep({ session: 1, sequence, acknowledgedBelow: 1 }, { kind: 'done' }, INITIAL_LIMITS);
  },
};

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return null;
}

it.each(Object.keys(INVARIANTS) as InvariantName[])('%s', (name) => {
  const thrown = thrownBy(CASES[name]);
  expect(thrown).toBeInstanceOf(MachineInvariantViolation);
  expect(thrown).toMatchObject({ invariant: name, code: 'MACHINE_INVARIANT' });
});

it('a command that does not decode keeps what was wrong with it as the cause', () => {
  expect(thrownBy(CASES['commands-decode'])).toMatchObject({ cause: { code: 'CODEC_DECODE' } });
});

it('indexes may leave room for entries that are no commands', () => {
  const { machine } = new Feed();
  machine.apply([committed(3, { kind: 'directWrite', operation: put('a') })]);
  machine.apply([committed(9, { kind: 'directWrite', operation: put('a') })]);
  expect(machine.appliedIndex).toBe(9);
});
