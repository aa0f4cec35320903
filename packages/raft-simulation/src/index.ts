/**
 * `@raftkv/simulation`: a world in which whole clusters run, with simulated time, network, disks and processes. One seed is
 * one run. What this entry promises, name by name.
 */

export { Chance } from './world/chance.ts';
export type { Timeline } from './world/timeline.ts';
export { SimulationError, World } from './world/world.ts';

export { SimulatedNetwork, type SendListener } from './network/network.ts';
export type { Notice as ConnectionNotice } from './network/connection.ts';
export { CALM, type Range, type Weather } from './network/weather.ts';

export { SimulatedLogDisk, type LogDiskOptions } from './disk/log-disk.ts';
export { FAST_DISK, SyncFailedError, type LogDiskSettings } from './disk/settings.ts';
export { isNamedIn, type DurableLog } from './disk/durable-log.ts';

export { Life, type TaskKind } from './process/life.ts';
export { HostClock, STEADY_CLOCK, type ClockSettings } from './process/host-clock.ts';
export { SimulatedHost, type HostOptions } from './process/host.ts';
export type { Disk, ProcessPorts, Program, RunningProgram } from './process/program.ts';

export { Acknowledged, type Clocked } from './check/acknowledged.ts';
export { ClusterChecks, type CheckedHost } from './check/cluster-checks.ts';

export type { Fault, FaultKind, Lasting, Timed, Links, Target, Word } from './plan/fault.ts';
export { makeFaults } from './plan/make-faults.ts';
export { emptyingRuleAmong, type EmptyingRule } from './plan/emptying.ts';
export type { FaultyDisk } from './plan/faulty-disk.ts';
export {
  askedHost,
  Injector,
  leaderOf,
  type InjectorOptions,
  type TransferListener,
} from './plan/injector.ts';
export { makePlan, type PlanOptions } from './plan/make-plan.ts';
export { changeTo, membersAfter, type ChangePlan, type ChangeWay, type Members } from './plan/membership.ts';
export type { HostPlan, LostHost, Plan, RequestPlan } from './plan/plan.ts';

export { canServe, lastConfigurations, possibleConfigurations } from './run/final-members.ts';
export { areAdmitted, lose, peaceOf, type Losses } from './run/peace.ts';
export { Supervisor, type Advice } from './run/supervisor.ts';
export { Survivors } from './run/survivors.ts';
export { replay, runSeed } from './run/run-seed.ts';
export { shrink, type Shrunk, type ShrinkOptions } from './run/shrink.ts';
export type { RunOptions } from './run/cluster-run.ts';
export type { Sabotage } from './run/member.ts';
export type { Outcome } from './run/requests.ts';
export { violationOf, type RunResult, type Violation } from './run/result.ts';
export { messageLine } from './run/message-line.ts';
