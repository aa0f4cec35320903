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

export { FAST_DISK, SimulatedLogDisk, type LogDiskOptions } from './disk/log-disk.ts';
export type { LogDiskSettings } from './disk/mechanics.ts';
export type { DurableLog } from './disk/durable-log.ts';

export { Life } from './process/life.ts';
export { HostClock, STEADY_CLOCK, type ClockSettings } from './process/host-clock.ts';
export { SimulatedHost, type HostOptions } from './process/host.ts';
export type { Disk, ProcessPorts, Program, RunningProgram } from './process/program.ts';
