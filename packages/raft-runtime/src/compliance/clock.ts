/** What a clock has to do. */

import type { Clock } from '../ports/clock.ts';
import { assert, assertEqual } from './assert.ts';
import { caseWith, type ComplianceCase } from './case.ts';

/** A clock under test, and a way to let its time pass. */
export interface ClockHarness {
  /** The one under test. */
  readonly clock: Clock;
  /** Lets at least so much time pass, and every turn that begins in it end. */
  readonly elapse: (ms: number) => Promise<void>;
  /** Called once at the end of each case. */
  dispose(): Promise<void>;
}

/** What a clock has to do. `makeHarness` is called once for each case. */
export function clockCases(makeHarness: () => Promise<ClockHarness>): readonly ComplianceCase[] {
  const rule = (name: string, check: (harness: ClockHarness) => Promise<void>) =>
    caseWith(name, makeHarness, check);
  return [
    rule('time is a finite number that moves on and never goes back', movesOn),
    rule('the time of day is a finite number that moves on too', wallMovesOn),
    rule('a wake-up comes once, not before its time, and not before the call has returned', wakesOnce),
    rule('a wake-up in the past comes too, and not before the call has returned', wakesForThePast),
    rule('a new wake-up replaces the one before', replaces),
    rule('a new wake-up that is earlier replaces the one before', replacesLater),
    rule('null takes the wake-up back', takesBack),
    rule('a wake-up may ask for the next one', wakesAgain),
    rule(
      'the end of a turn comes once for each call, in order, and not before the call has returned',
      endsTurn,
    ),
    rule('the end of a turn may ask for the end of the next', endsNextTurn),
  ];
}

async function movesOn({ clock, elapse }: ClockHarness): Promise<void> {
  const before = clock.nowMs();
  assert(Number.isFinite(before), 'nowMs is not finite');
  await elapse(5);
  assert(clock.nowMs() >= before + 5, `5 ms took ${clock.nowMs() - before} ms`);
}

async function wallMovesOn({ clock, elapse }: ClockHarness): Promise<void> {
  const before = clock.wallMs();
  assert(Number.isFinite(before), 'wallMs is not finite');
  await elapse(10);
  // It may count in whole milliseconds.
  assert(clock.wallMs() >= before + 8, `10 ms took ${clock.wallMs() - before} ms of the time of day`);
}

async function wakesOnce({ clock, elapse }: ClockHarness): Promise<void> {
  const wokenMs: number[] = [];
  const atMs = clock.nowMs() + 5;
  clock.wakeAt(atMs, () => wokenMs.push(clock.nowMs()));
  assertEqual(wokenMs, [], 'woken within the call');
  await elapse(20);
  assertEqual(wokenMs.length, 1, 'times woken');
  assert(
    wokenMs.every((ms) => ms >= atMs),
    `woken at ${wokenMs.join()}, asked for ${atMs}`,
  );
}

async function wakesForThePast({ clock, elapse }: ClockHarness): Promise<void> {
  let times = 0;
  clock.wakeAt(clock.nowMs() - 1000, () => (times += 1));
  assertEqual(times, 0, 'times woken within the call');
  await elapse(10);
  assertEqual(times, 1, 'times woken');
}

async function replaces({ clock, elapse }: ClockHarness): Promise<void> {
  const woken: string[] = [];
  clock.wakeAt(clock.nowMs() + 5, () => woken.push('first'));
  clock.wakeAt(clock.nowMs() + 10, () => woken.push('second'));
  await elapse(25);
  assertEqual(woken, ['second'], 'woken');
}

async function replacesLater({ clock, elapse }: ClockHarness): Promise<void> {
  const woken: string[] = [];
  clock.wakeAt(clock.nowMs() + 200, () => woken.push('first'));
  clock.wakeAt(clock.nowMs() + 5, () => woken.push('second'));
  await elapse(20);
  assertEqual(woken, ['second'], 'woken');
  await elapse(200);
  assertEqual(woken, ['second'], 'woken when the first was due');
}

async function takesBack({ clock, elapse }: ClockHarness): Promise<void> {
  let times = 0;
  clock.wakeAt(clock.nowMs() + 5, () => (times += 1));
  clock.wakeAt(null, () => (times += 1));
  await elapse(20);
  assertEqual(times, 0, 'times woken');
}

async function wakesAgain({ clock, elapse }: ClockHarness): Promise<void> {
  let times = 0;
  clock.wakeAt(clock.nowMs() + 2, () => {
    times += 1;
    clock.wakeAt(clock.nowMs() + 2, () => (times += 1));
  });
  await elapse(10);
  await elapse(10);
  assertEqual(times, 2, 'times woken');
}

async function endsTurn({ clock, elapse }: ClockHarness): Promise<void> {
  const called: number[] = [];
  for (const nth of [1, 2, 3]) clock.endOfTurn(() => called.push(nth));
  assertEqual(called, [], 'called within the call');
  await elapse(5);
  assertEqual(called, [1, 2, 3], 'called');
}

async function endsNextTurn({ clock, elapse }: ClockHarness): Promise<void> {
  const called: string[] = [];
  clock.endOfTurn(() => {
    clock.endOfTurn(() => called.push('next'));
    called.push('this');
  });
  await elapse(5);
  await elapse(5);
  assertEqual(called, ['this', 'next'], 'called');
}
