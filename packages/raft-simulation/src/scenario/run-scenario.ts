/** Does what a scenario says, and writes the trace that it causes. */

import { CLUSTER_INVARIANTS, INVARIANTS, InvariantViolation } from '@raftkv/core';
import type { CommandLine } from './command-line.ts';
import { perform, type Stage } from './perform-command.ts';
import { SHIPPED_CORE, type Core } from './scenario-host.ts';
import { parseScenario, writeScenario } from './scenario-text.ts';
import { Trace } from './trace.ts';

/** What became of a scenario. */
export interface ScenarioRun {
  /** The text with the traces that its commands cause: equal to what it was where all is as expected. */
  readonly text: string;
  /** Every invariant that did not hold, in order. A run with one has failed, whatever its text says. */
  readonly violations: readonly string[];
}

/**
 * Reads a scenario and runs its cases in order; after every turn of a node the invariants of the cluster are checked.
 *
 * @param expected the text: commands, and below them the traces that they are expected to cause
 * @param core another core than the one that ships, for those who test the checks
 * @throws {ScenarioError} naming the first line that makes no sense: no such command, node or state
 */
export function runScenario(expected: string, core: Core = SHIPPED_CORE): ScenarioRun {
  const scenario = parseScenario(expected);
  const trace = new Trace();
  const stage: Stage = { core, trace, cluster: null };
  const violations: string[] = [];
  const traces: (readonly string[])[] = [];
  let isBroken = false;
  for (const part of scenario.parts) {
    if (part.kind === 'remark') continue;
    for (const line of part.commands) {
      const begins = line.command.kind === 'cluster' || line.command.kind === 'given';
      if (begins) isBroken = false;
      // After a violation nothing that its nodes say means anything.
      if (isBroken) continue;
      const violation = performOne(stage, line);
      if (violation === null) continue;
      isBroken = true;
      violations.push(violation);
      trace.loud(`! ${violation}`);
    }
    const lines = trace.takeLines();
    traces.push(lines.length > 0 ? lines : [isBroken ? 'stopped' : 'ok']);
  }
  return { text: writeScenario(scenario, traces), violations };
}

/** The violation that the command met, if one. */
function performOne(stage: Stage, line: CommandLine): string | null {
  stage.trace.isQuiet = line.isQuiet;
  try {
    perform(stage, line);
    return null;
  } catch (error) {
    if (!(error instanceof InvariantViolation)) throw error;
    const sources: Readonly<Record<string, string>> = { ...INVARIANTS, ...CLUSTER_INVARIANTS };
    return `line ${line.line}: ${error.message} (${sources[error.invariant]})`;
  } finally {
    stage.trace.endCommand();
  }
}
