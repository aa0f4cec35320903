/** `@raftkv/kv-state-machine`: the replicated state of a key-value cluster. What it promises, name by name. */

export { SnapshotRefusedError } from './errors.ts';
export { INVARIANTS, MachineInvariantViolation, type InvariantName } from './invariants.ts';
export type { Limits } from './limits.ts';
export { KeyValueMachine } from './machine.ts';
export type { Session } from './sessions.ts';
