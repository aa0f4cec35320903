/** `@raftkv/simulation/linearizability`: whether what clients saw can have come from one copy that did one thing after another. */

export type { Model, Operation } from './operation.ts';
