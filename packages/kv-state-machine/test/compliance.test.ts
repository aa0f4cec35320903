/** The key-value machine, held against the suite that every state machine runs. */

import { encodeCommand, type Command, type Outcome } from '@raftkv/kv-protocol';
import {
  machineSnapshotsCases,
  stateMachineCases,
  type StateMachineHarness,
} from '@raftkv/runtime/compliance';
import { describe, expect, it } from 'vitest';
import { KeyValueMachine } from '../src/index.ts';
import { ifRevision, nonce, put, remove } from './support/feed.ts';

const write = (
  session: number,
  sequence: number,
  acknowledgedBelow: number,
  operation = put('a'),
): Command => {
  return { kind: 'write', position: { session, sequence, acknowledgedBelow }, operation };
};

const COMMANDS: readonly Command[] = [
  { kind: 'openSession', nonce: nonce(1) },
  { kind: 'openSession', nonce: nonce(1) },
  write(1, 2, 1),
  write(1, 1, 1, put('b', 'first', ifRevision(0))),
  write(1, 1, 1, put('b', 'first', ifRevision(0))),
  write(1, 3, 3, put('b', 'second', ifRevision(9))),
  write(1, 2, 1),
  write(1, 3, 4),
  write(1, 1_000_000, 1),
  write(7, 1, 1),
  { kind: 'directWrite', operation: remove('a') },
  { kind: 'directWrite', operation: remove('a') },
  { kind: 'endSessions', sessions: [1, 99] },
  write(1, 4, 4),
];

const machines = (): Promise<StateMachineHarness<Outcome>> => {
  return Promise.resolve({
    machine: () => new KeyValueMachine(),
    commands: COMMANDS.map(encodeCommand),
    show: (outcome) => JSON.stringify(outcome),
    dispose: () => Promise.resolve(),
  });
};

describe('compliance of the key-value machine', () => {
  for (const one of [...stateMachineCases(machines), ...machineSnapshotsCases(machines)]) {
    it(`rule: ${one.name}`, async () => {
      await expect(one.run()).resolves.toBeUndefined();
    });
  }
});
