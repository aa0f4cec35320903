/** The implementations of this package, held against the suites that every implementation runs. */

import { describe, expect, it } from 'vitest';
import {
  clockCases,
  logStorageCases,
  machineSnapshotsCases,
  stateMachineCases,
  transportCases,
  type ComplianceCase,
} from '../src/compliance/index.ts';
import { InProcessNetwork, MemoryLogStorage, systemClock } from '../src/index.ts';
import { bytes, Recorder } from './support/machine.ts';
import { World } from './support/world.ts';

const NOTHING = () => Promise.resolve();

function holds(name: string, cases: readonly ComplianceCase[]): void {
  describe(`compliance of ${name}`, () => {
    for (const one of cases) {
      it(`rule: ${one.name}`, async () => {
        await expect(one.run()).resolves.toBeUndefined();
      });
    }
  });
}

holds(
  'the log in memory',
  logStorageCases((_, configuration) => {
    const storage = new MemoryLogStorage(configuration);
    return Promise.resolve({ open: () => Promise.resolve(storage), tailEntriesMax: 1024, dispose: NOTHING });
  }),
);

holds(
  'the network in process',
  transportCases(() => {
    const network = new InProcessNetwork();
    return Promise.resolve({
      transport: (id) => network.transport(id),
      settle: turnOfTheLoop,
      dispose: NOTHING,
    });
  }),
);

holds(
  'the system’s clock',
  clockCases(() => Promise.resolve({ clock: systemClock(), elapse: wait, dispose: NOTHING })),
);

holds(
  'the clock of these tests',
  clockCases(() => {
    const world = new World();
    return Promise.resolve({ clock: world.clock(), elapse: (ms) => world.elapse(ms), dispose: NOTHING });
  }),
);

const COMMANDS = ['x', 'y', '', 'x', 'ö'].map(bytes);
const recorders = () => {
  return Promise.resolve({
    machine: () => new Recorder(),
    commands: COMMANDS,
    show: (result: string) => result,
    dispose: NOTHING,
  });
};

holds('the recorder of these tests', [...stateMachineCases(recorders), ...machineSnapshotsCases(recorders)]);

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Real time is what a real clock is held against. */
function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms + 2);
  });
}
