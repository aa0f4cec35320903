/** Deadlines pass in their order, on time, by one timer. */

import { expect, it } from 'vitest';
import { Deadlines } from '../src/deadlines.ts';
import { SimulatedTime } from './support/time.ts';

interface Named {
  readonly name: string;
  readonly dueMs: number;
}

function deadlinesIn(time: SimulatedTime): { deadlines: Deadlines<Named>; passed: string[] } {
  const passed: string[] = [];
  const deadlines = new Deadlines<Named>(time, ({ name }) => passed.push(`${name}@${time.nowMs()}`));
  return { deadlines, passed };
}

it('tells of each when it passes, the earliest first, whatever the order in which they were added', async () => {
  const time = new SimulatedTime();
  const { deadlines, passed } = deadlinesIn(time);
  for (const [name, dueMs] of [
    ['c', 30],
    ['a', 10],
    ['d', 30],
    ['b', 20],
  ] as const)
    deadlines.add({ name, dueMs });
  await time.elapse(29);
  expect(passed).toEqual(['a@10', 'b@20']);
  await time.elapse(1);
  expect(passed).toEqual(['a@10', 'b@20', 'c@30', 'd@30']);
  expect(time.timerCount).toBe(0);
});

it('tells of none that was taken back, and of the next on time', async () => {
  const time = new SimulatedTime();
  const { deadlines, passed } = deadlinesIn(time);
  const first = deadlines.add({ name: 'first', dueMs: 10 });
  deadlines.add({ name: 'second', dueMs: 25 });
  deadlines.remove(first);
  await time.elapse(24);
  expect(passed).toEqual([]);
  await time.elapse(1);
  expect(passed).toEqual(['second@25']);
  // As the one that passed is taken back at its end.
  deadlines.remove(first);
  expect(time.timerCount).toBe(0);
});

it('has one timer, however many there are, and none anew for one that is taken back', () => {
  const time = new SimulatedTime();
  const { deadlines } = deadlinesIn(time);
  const timers: number[] = [];
  const set = time.setTimer.bind(time);
  time.setTimer = (delayMs, callback) => {
    timers.push(delayMs);
    return set(delayMs, callback);
  };
  for (let count = 0; count < 100; count += 1)
    deadlines.remove(deadlines.add({ name: '', dueMs: 1_000 + count }));
  expect([timers, time.timerCount]).toEqual([[1_000], 1]);
  deadlines.add({ name: '', dueMs: 500 });
  expect([timers, time.timerCount]).toEqual([[1_000, 500], 1]);
});

it('tells of one whose timer comes before the clock says so', () => {
  const passed: number[] = [];
  const timers: (() => void)[] = [];
  const clock = {
    nowMs: () => 9.999,
    setTimer: (_: number, callback: () => void) => {
      timers.push(callback);
      return () => {};
    },
    endOfTurn: () => {},
  };
  const deadlines = new Deadlines<Named>(clock, ({ dueMs }) => passed.push(dueMs));
  deadlines.add({ name: '', dueMs: 10 });
  deadlines.add({ name: '', dueMs: 11 });
  timers[0]?.();
  expect(passed).toEqual([10]);
});

it('leaves no timer behind when it is closed', () => {
  const time = new SimulatedTime();
  const { deadlines } = deadlinesIn(time);
  deadlines.add({ name: '', dueMs: 10 });
  deadlines.close();
  expect(time.timerCount).toBe(0);
});
