/** What a machine does to its process: nothing of an ended life runs, a pause holds everything back, clocks are the machine's. */

import { nodeId } from '@raftkv/core';
import type { RaftNode } from '@raftkv/runtime';
import { describe, expect, it } from 'vitest';
import {
  HostClock,
  Chance,
  Life,
  SimulatedHost,
  SimulatedNetwork,
  STEADY_CLOCK,
  World,
  type Disk,
  type ProcessPorts,
} from '../../src/index.ts';

class CountingDisk implements Disk {
  crashes = 0;
  wipes = 0;

  crash(): void {
    this.crashes += 1;
  }

  wipe(): void {
    this.wipes += 1;
  }
}

/** A host whose program keeps its ports, and what it notes. */
class Machine {
  readonly world = new World(1);
  readonly disk = new CountingDisk();
  readonly lives: ProcessPorts<CountingDisk>[] = [];
  readonly noted: string[] = [];
  stops = 0;
  startError: Error | null = null;
  readonly host: SimulatedHost<CountingDisk>;

  constructor() {
    const network = new SimulatedNetwork(this.world);
    const program = {
      start: (ports: ProcessPorts<CountingDisk>) => {
        this.lives.push(ports);
        if (this.startError !== null) return Promise.reject(this.startError);
        // Nobody looks into the node here.
        return Promise.resolve({ node: {} as RaftNode<unknown>, stop: () => void (this.stops += 1) });
      },
    };
    this.host = new SimulatedHost(this.world, { id: nodeId('a'), network, disk: this.disk, program });
  }

  static async started(): Promise<Machine> {
    const machine = new Machine();
    machine.host.start();
    await machine.pass(0);
    return machine;
  }

  get ports(): ProcessPorts<CountingDisk> {
    return this.lives.at(-1)!;
  }

  note(name: string): () => void {
    return () => this.noted.push(`${name} at ${this.world.nowMs}`);
  }

  pass(ms: number): Promise<void> {
    return this.world.runUntil(this.world.nowMs + ms);
  }
}

describe('a host', () => {
  it('starts its program once for each life, with chance of its own', async () => {
    const machine = await Machine.started();
    machine.host.start();
    machine.host.crash();
    machine.host.start();
    await machine.pass(1);
    expect(machine.lives.map(({ id, life }) => [id, life])).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
    const [first, second] = machine.lives.map((ports) => ports.randomBytes(8));
    expect(first).not.toEqual(second);
    expect(machine.host.running).not.toBe(null);
  });

  it('lets nothing of an ended life run, tells its program and its disk, and has no program any more', async () => {
    const machine = await Machine.started();
    machine.ports.timeline.after(5, machine.note('timeline'));
    machine.ports.clock.wakeAt(machine.ports.clock.nowMs() + 5, machine.note('timer'));
    machine.ports.clock.endOfTurn(machine.note('turn'));
    machine.host.crash();
    expect([machine.host.running, machine.host.isUp, machine.stops, machine.disk.crashes]).toEqual([
      null,
      false,
      1,
      1,
    ]);
    machine.host.start();
    await machine.pass(100);
    expect(machine.noted).toEqual([]);
  });

  it('takes a program that is started through after its end for no program', async () => {
    const machine = new Machine();
    machine.host.start();
    machine.host.crash();
    await machine.pass(1);
    expect([machine.host.running, machine.stops]).toEqual([null, 1]);
  });

  it('keeps why a program cannot start, or has failed, until the next start', async () => {
    const machine = new Machine();
    machine.startError = new Error('no disk');
    machine.host.start();
    await machine.pass(1);
    expect(machine.host.failure).toBe(machine.startError);
    machine.host.crash();
    machine.startError = null;
    machine.host.start();
    await machine.pass(1);
    expect(machine.host.failure).toBe(null);
    const cause = new Error('broken');
    machine.ports.failed(cause);
    machine.ports.failed(new Error('later'));
    expect(machine.host.failure).toBe(cause);
  });

  it('takes no word of a failure from an ended life', async () => {
    const machine = await Machine.started();
    const { ports } = machine;
    machine.host.crash();
    machine.host.start();
    ports.failed(new Error('a ghost'));
    expect(machine.host.failure).toBe(null);
  });

  it('wipes a disk whose process is gone before', async () => {
    const machine = await Machine.started();
    machine.host.wipe();
    expect([machine.disk.crashes, machine.disk.wipes, machine.host.isUp]).toEqual([1, 1, false]);
  });

  it('holds back everything while it is paused; then timers come first, and the rest in order', async () => {
    const machine = await Machine.started();
    const { timeline, clock } = machine.ports;
    timeline.after(1, machine.note('first'));
    timeline.after(2, machine.note('second'));
    clock.wakeAt(clock.nowMs() + 3, machine.note('timer'));
    machine.host.pause();
    await machine.pass(50);
    expect([machine.noted, machine.host.isPaused]).toEqual([[], true]);
    timeline.after(0, machine.note('third'));
    machine.host.resume();
    timeline.after(0, machine.note('fourth'));
    await machine.pass(1);
    expect(machine.noted).toEqual([
      'timer at 50',
      'first at 50',
      'second at 50',
      'third at 50',
      'fourth at 50',
    ]);
  });

  it('can be paused again in the middle of its burst', async () => {
    const machine = await Machine.started();
    const { timeline } = machine.ports;
    machine.host.pause();
    timeline.after(1, () => {
      machine.note('first')();
      machine.host.pause();
    });
    timeline.after(2, machine.note('second'));
    await machine.pass(10);
    machine.host.resume();
    await machine.pass(10);
    expect(machine.noted).toEqual(['first at 10']);
    machine.host.resume();
    await machine.pass(10);
    expect(machine.noted).toEqual(['first at 10', 'second at 20']);
  });

  it('has nothing left to run when it crashes in a pause', async () => {
    const machine = await Machine.started();
    machine.host.pause();
    machine.ports.timeline.after(1, machine.note('held'));
    await machine.pass(10);
    machine.host.crash();
    machine.host.resume();
    await machine.pass(10);
    expect(machine.noted).toEqual([]);
  });
});

describe('the clock of a host', () => {
  it.each([0.95, 1, 1.05])('runs at a rate of %d, and wakes by its own time', async (rate) => {
    const { world, clock } = clockOf(rate);
    let wokenMs = 0;
    clock.wakeAt(5000 + 1000, () => (wokenMs = world.nowMs));
    await world.runUntil(2000);
    expect(wokenMs).toBeCloseTo(1000 / rate, 1);
    expect(clock.nowMs()).toBeCloseTo(5000 + 2000 * rate, 6);
  });

  it('jumps ahead, and what is due then is due at once', async () => {
    const { world, host, clock } = clockOf(1);
    let wokenMs = -1;
    clock.wakeAt(5000 + 1000, () => (wokenMs = world.nowMs));
    await world.runUntil(10);
    host.jump(5000);
    expect(clock.nowMs()).toBe(10_010);
    await world.runUntil(20);
    expect(wokenMs).toBe(10);
  });

  it('never goes back', () => {
    const { host, clock } = clockOf(1);
    host.jump(-1000);
    expect(clock.nowMs()).toBe(5000);
  });

  it('keeps a turn open for a while: what comes meanwhile belongs to it', async () => {
    const world = new World(1);
    const host = new HostClock(world, { ...STEADY_CLOCK, turnMs: [3, 3] }, new Chance(1));
    const clock = host.clockOf(new Life(world));
    const ended: number[] = [];
    clock.endOfTurn(() => ended.push(world.nowMs));
    await world.runUntil(2);
    clock.endOfTurn(() => ended.push(world.nowMs));
    await world.runUntil(10);
    expect(ended).toEqual([3, 3]);
  });
});

function clockOf(rate: number) {
  const world = new World(1);
  const host = new HostClock(world, { ...STEADY_CLOCK, startMs: 5000, rate }, new Chance(1));
  return { world, host, clock: host.clockOf(new Life(world)) };
}
