/** One event after another, in the order of time, each with all that follows from it. */

import { describe, expect, it } from 'vitest';
import { Chance, SimulationError, World } from '../../src/index.ts';

describe('a world', () => {
  it('takes events in the order of their time, and those of one moment in the order in which they were added', async () => {
    const world = new World(1);
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name} at ${world.nowMs}`);
    for (const [name, delayMs] of [
      ['c', 5],
      ['a', 1],
      ['d', 5],
      ['b', 1],
    ] as const) {
      world.after(delayMs, note(name));
    }
    await world.runUntil(5);
    expect(seen).toEqual(['a at 1', 'b at 1', 'c at 5', 'd at 5']);
  });

  it('stays in order with thousands of events', async () => {
    const world = new World(1);
    const chance = new Chance(5);
    const times: number[] = [];
    for (let count = 0; count < 3000; count += 1) {
      world.after(chance.below(500), () => {
        times.push(world.nowMs);
        if (chance.chance(0.3)) world.after(chance.below(50), () => times.push(world.nowMs));
      });
    }
    await world.runUntil(1000);
    expect(times.length).toBeGreaterThan(3000);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  it('never runs what is asked for before the call has returned, and leaves what is later', async () => {
    const world = new World(1);
    let runs = 0;
    world.after(0, () => (runs += 1));
    world.after(10, () => (runs += 1));
    expect(runs).toBe(0);
    await world.runUntil(9);
    expect([runs, world.nowMs]).toEqual([1, 9]);
    await world.runUntil(10);
    expect(runs).toBe(2);
  });

  it('lets all promise reactions of an event settle before the checks and the next event', async () => {
    const world = new World(1);
    const seen: string[] = [];
    const reactions = async () => {
      for (let count = 0; count < 50; count += 1) await Promise.resolve();
      seen.push('reactions');
    };
    world.addCheck(() => seen.push('check'));
    world.after(1, () => void reactions());
    world.after(1, () => seen.push('next'));
    await world.runUntil(1);
    expect(seen).toEqual(['reactions', 'check', 'next', 'check']);
  });

  it.each(['event', 'check'])('ends with seed, time and trace when an %s throws', async (where) => {
    const world = new World(42);
    const cause = new Error('broken');
    const fail = () => {
      if (world.nowMs >= 3) throw cause;
    };
    if (where === 'check') world.addCheck(fail);
    world.after(1, () => world.note('before'));
    world.after(3, where === 'event' ? fail : () => {});
    world.after(4, () => world.note('after'));
    const error = await world.runUntil(10).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SimulationError);
    expect(error).toMatchObject({ seed: 42, atMs: 3, cause, trace: ['1 before'] });
  });

  it('ends where events of one moment cause each other without end', async () => {
    const world = new World(1);
    const again = () => world.after(0, again);
    world.after(5, again);
    await expect(world.runUntil(10)).rejects.toThrow(/at 5 ms: time stands still/);
  });

  it('has a digest that every line of the trace counts in, and their order', async () => {
    const digest = await digestOf('x', 'y');
    expect(await digestOf('x', 'y')).toBe(digest);
    for (const other of [['y', 'x'], ['x'], ['xy'], ['x', 'z']])
      expect(await digestOf(...other)).not.toBe(digest);
  });
});

describe('chance', () => {
  it('is the same for the same seed, whatever engine draws', () => {
    const chance = new Chance(2 ** 53 - 1);
    expect([chance.below(1000), chance.below(1000), chance.below(1000), chance.below(1000)]).toEqual(GOLDEN);
  });

  it('differs for nearby seeds, also far above 32 bits', () => {
    const firsts = [0, 1, 2, 2 ** 32, 2 ** 32 + 1, 2 ** 52].map((seed) => new Chance(seed).next());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('has forks that depend on their label and the seed, not on what was drawn', () => {
    const [one, other] = [new Chance(7), new Chance(7)];
    other.next();
    expect(one.fork('disk').next()).toBe(other.fork('disk').next());
    expect(one.fork('disk').next()).not.toBe(one.fork('link').next());
    expect(one.fork('disk').next()).not.toBe(new Chance(8).fork('disk').next());
  });

  it('draws evenly, and within its bounds', () => {
    const chance = new Chance(3);
    const counts = [0, 0, 0, 0, 0];
    for (let draws = 0; draws < 10_000; draws += 1) counts[chance.below(5)]! += 1;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    for (let draws = 0; draws < 1000; draws += 1) {
      const drawn = chance.between(2, 3);
      expect(drawn >= 2 && drawn <= 3).toBe(true);
    }
  });

  it('shuffles without losing anything, and picks from nothing nothing', () => {
    const chance = new Chance(3);
    const items = [1, 2, 3, 4, 5, 6, 7, 8];
    const shuffled = chance.shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((one, other) => one - other)).toEqual(items);
    expect(() => chance.pick([])).toThrow(RangeError);
  });
});

const GOLDEN = [685, 104, 334, 191];

/** Of a trace of `lines`. */
async function digestOf(...lines: string[]): Promise<string> {
  const world = new World(1);
  for (const line of lines) world.after(0, () => world.note(line));
  await world.runUntil(1);
  return world.digest();
}
