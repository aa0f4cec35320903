/** `@raftkv/simulation/scenarios`: stories of a cluster as text, and the traces that they cause. Name by name. */

export { runScenario, type ScenarioRun } from './run-scenario.ts';
export type { Core } from './scenario-host.ts';
export { ScenarioError } from './scenario-error.ts';
export { unifiedDiff } from './unified-diff.ts';
