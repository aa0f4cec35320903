/** Scenarios of the tests, and cores that break a promise. */

import { flush, recover, step, type NodeState } from '@raftkv/core';
import { runScenario, type Core } from '../../src/scenario/index.ts';

const SHIPPED: Core = { recover, step, flush };

/** The trace of a scenario whose only case has these commands. */
export function traceOf(...commands: readonly string[]): readonly string[] {
  const { text } = run(SHIPPED, commands);
  return text
    .slice(text.indexOf('----\n') + 5)
    .trimEnd()
    .split('\n');
}

/** The invariants, by name, that these commands violate on a core that is the shipped one but for `changes`. */
export function violated(changes: Partial<Core>, ...commands: readonly string[]): readonly string[] {
  return run({ ...SHIPPED, ...changes }, commands).violations.map((words) => words.split(': ')[1] ?? words);
}

/** A core whose nodes are changed before each step. */
export function stepAfter(
  change: (state: NodeState, input: Parameters<Core['step']>[1]) => NodeState,
): Partial<Core> {
  return { step: (state, input, nowMs) => step(change(state, input), input, nowMs) };
}

/** A core whose effects are changed after each flush. */
export function flushThen(
  change: (flushed: ReturnType<Core['flush']>) => ReturnType<Core['flush']>,
): Partial<Core> {
  return { flush: (state) => change(flush(state)) };
}

function run(core: Core, commands: readonly string[]): ReturnType<typeof runScenario> {
  return runScenario(`${commands.join('\n')}\n----\n`, core);
}
