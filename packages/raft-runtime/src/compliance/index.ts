/**
 * `@raftkv/runtime/compliance`: what every implementation of a port has to do, as lists of cases for any test runner.
 * Each case sets up for itself, depends on no other, and throws an error that says what is wrong.
 */

export type { ComplianceCase } from './case.ts';
export { clockCases, type ClockHarness } from './clock.ts';
export type { LogStorageHarness } from './log-medium.ts';
export { logStorageCases } from './log-storage.ts';
export { machineSnapshotsCases, stateMachineCases, type StateMachineHarness } from './state-machine.ts';
export { transportCases } from './transport.ts';
export type { TransportHarness } from './witness.ts';
