/** The simulated ports, held against the suites that every implementation runs. */

import { clockCases, logStorageCases, transportCases, type ComplianceCase } from '@raftkv/runtime/compliance';
import { describe, expect, it } from 'vitest';
import {
  CALM,
  Chance,
  HostClock,
  Life,
  SimulatedLogDisk,
  SimulatedNetwork,
  STEADY_CLOCK,
  World,
} from '../src/index.ts';

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

/** Lets the world run on as long as a case needs it; ends with the case. */
class RunningWorld extends World {
  private isOver = false;

  constructor(seed: number) {
    super(seed);
    void this.go();
  }

  readonly dispose = (): Promise<void> => {
    this.isOver = true;
    return Promise.resolve();
  };

  private async go(): Promise<void> {
    while (!this.isOver) await this.runUntil(this.nowMs + 1);
  }
}

for (const [name, rate] of [
  ['a true clock', 1],
  ['a fast clock', 1.05],
  ['a slow clock', 0.95],
] as const) {
  holds(
    name,
    clockCases(() => {
      const world = new World(1);
      const host = new HostClock(world, { ...STEADY_CLOCK, rate, turnMs: [0, 0.2] }, new Chance(1));
      return Promise.resolve({
        clock: host.clockOf(new Life(world)),
        elapse: (ms) => world.runUntil(world.nowMs + ms / rate + 0.5),
        dispose: NOTHING,
      });
    }),
  );
}

holds(
  'the simulated network',
  transportCases(() => {
    const world = new RunningWorld(2);
    const network = new SimulatedNetwork(world, CALM);
    return Promise.resolve({
      transport: (id) => network.transport(id, new Life(world)),
      settle: () =>
        new Promise<void>((resolve) => {
          world.after(200, resolve);
        }),
      dispose: world.dispose,
    });
  }),
);

holds(
  'the simulated disk',
  logStorageCases((_, configuration) => {
    const world = new RunningWorld(3);
    const settings = { syncMs: [0.1, 2], readMs: [0, 3], tailEntriesMax: 20 } as const;
    const disk = new SimulatedLogDisk({ world, chance: new Chance(3), configuration, settings });
    return Promise.resolve({
      open: () => Promise.resolve(disk.open(new Life(world))),
      tailEntriesMax: 20,
      dispose: world.dispose,
    });
  }),
);
