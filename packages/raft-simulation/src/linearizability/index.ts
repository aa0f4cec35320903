/**
 * `@raftkv/simulation/linearizability`: whether what clients saw can have come from one copy that did one thing after another.
 */

export { checkLinearizable } from './check.ts';
export type { CheckOptions, Verdict, Violation } from './check.ts';
export { keyValueModel } from './key-value-model.ts';
export type { KeyState, KnownEntry } from './key-value-model.ts';
export type {
  Condition,
  KeyValueEntry,
  KeyValueInput,
  KeyValueOperation,
  KeyValueOutput,
} from './key-value-operation.ts';
export { keyValueReport } from './key-value-report.ts';
export type { Inference, Model, Operation } from './operation.ts';
export { describeViolation } from './report.ts';
export type { ReportOptions } from './report.ts';
export { checkRevisions } from './revisions.ts';
export type { RevisionFault } from './revisions.ts';
export type { Stuck } from './search.ts';
