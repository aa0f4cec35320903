/** What a state machine has to do. */

import { logIndex, term } from '@raftkv/core';
import type { Command, StateMachine } from '../ports/state-machine.ts';
import { assertEqual } from './assert.ts';
import { caseWith, type ComplianceCase } from './case.ts';

/** State machines under test, and commands that they understand. */
export interface StateMachineHarness<Result> {
  /** A new machine, empty, at each call. */
  machine(): StateMachine<Result>;
  /** A history of commands that touches all that the machine can do; bad commands too. */
  readonly commands: readonly Uint8Array[];
  /** A result as text: equal results in equal text. */
  show(result: Result): string;
  /** Called once at the end of each case. */
  dispose(): Promise<void>;
}

/** What a state machine has to do. `makeHarness` is called once for each case. */
export function stateMachineCases<Result>(
  makeHarness: () => Promise<StateMachineHarness<Result>>,
): readonly ComplianceCase[] {
  const rule = (name: string, check: (harness: StateMachineHarness<Result>) => Promise<void>) =>
    caseWith(name, makeHarness, check);
  return [
    rule('every command has one result', async (harness) => {
      const results = await run(harness, harness.commands.length);
      assertEqual(results.length, harness.commands.length, 'results');
    }),
    rule('the same commands have the same results in another machine', async (harness) => {
      const count = harness.commands.length;
      assertEqual(await run(harness, count), await run(harness, count), 'results of the second machine');
    }),
    rule('how many commands come with one call changes nothing', async (harness) => {
      assertEqual(await run(harness, 1), await run(harness, harness.commands.length), 'results one by one');
    }),
    rule('the bytes of a command stay as they were', async (harness) => {
      const before = harness.commands.map((data) => new Uint8Array(data));
      await run(harness, harness.commands.length);
      assertEqual(harness.commands, before, 'commands');
    }),
  ];
}

/** The results of a new machine that is given the commands, `batch` with a call. */
async function run<Result>(harness: StateMachineHarness<Result>, batch: number): Promise<string[]> {
  const machine = harness.machine();
  const commands = harness.commands.map((data, at): Command => ({
    index: logIndex(at + 1),
    term: term(1),
    data,
  }));
  const results: string[] = [];
  for (let at = 0; at < commands.length; at += batch) {
    const given = commands.slice(at, at + batch);
    const answers = await machine.apply(given);
    assertEqual(answers.length, given.length, 'results of one call');
    results.push(...answers.map((answer) => harness.show(answer)));
  }
  return results;
}
