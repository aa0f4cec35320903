/** The program of a run's processes: a node over a simulated disk, and a state machine that counts. */

import { RaftNode, type CoreLimits, type LogStorage, type Transport } from '@raftkv/runtime';
import type { SimulatedLogDisk } from '../disk/log-disk.ts';
import type { Range } from '../network/weather.ts';
import type { ProcessPorts, Program, RunningProgram } from '../process/program.ts';
import type { Chance } from '../world/chance.ts';
import { CountingMachine, type MachineListener } from './counting-machine.ts';

/** Puts ports of a test in the place of those of a node: a disk that lies, a peer that does not keep its word. */
export interface Sabotage {
  /** What a node writes to, in the place of `storage`. */
  storage?(storage: LogStorage, ports: ProcessPorts<SimulatedLogDisk>): LogStorage;
  /** What a node speaks through, in the place of `transport`. */
  transport?(transport: Transport, ports: ProcessPorts<SimulatedLogDisk>): Transport;
}

export interface MemberOptions {
  readonly core: CoreLimits;
  readonly applyMs: Range;
  readonly chance: Chance;
  readonly machine: MachineListener;
  /** Once so many bytes were applied, a snapshot is taken; never unless given. */
  readonly snapshotLogBytes?: number | undefined;
  /** The node's own ports, or others in their place. */
  readonly sabotage: Sabotage;
  /** The process is gone. */
  readonly onStop: (id: string) => void;
}

/** The program of one member. */
export function member(options: MemberOptions): Program<SimulatedLogDisk> {
  return {
    async start(ports): Promise<RunningProgram> {
      const { sabotage } = options;
      const storage = ports.disk.open(ports.timeline);
      const node = await RaftNode.start<number>({
        id: ports.id,
        storage: sabotage.storage?.(storage, ports) ?? storage,
        transport: sabotage.transport?.(ports.transport, ports) ?? ports.transport,
        stateMachine: new CountingMachine(ports, options),
        ...(options.snapshotLogBytes === undefined ? {} : { snapshotLogBytes: options.snapshotLogBytes }),
        clock: ports.clock,
        randomBytes: (count) => ports.randomBytes(count),
        core: options.core,
        observer: { onFailed: (cause) => ports.failed(cause) },
      });
      return { node, stop: () => options.onStop(ports.id) };
    },
  };
}
