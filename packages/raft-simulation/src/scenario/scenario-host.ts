/** A node of a scenario: a bare core with a disk and a state machine of its own. */

import {
  flush,
  recover,
  step,
  type Configuration,
  type NodeId,
  type NodeState,
  type Send,
} from '@raftkv/core';
import { ScenarioDisk } from './scenario-disk.ts';
import { ScenarioMachine } from './scenario-machine.ts';
import type { Frame } from './scenario-network.ts';

/** The functions of the core that a scenario drives; a test of the checks gives broken ones. */
export interface Core {
  /** The state of a node that starts. */
  readonly recover: typeof recover;
  /** The state after one input. */
  readonly step: typeof step;
  /** What the node owes since the last flush. */
  readonly flush: typeof flush;
}

/** The core that ships. */
export const SHIPPED_CORE: Core = { recover, step, flush };

/** A node with its disk. */
export interface ScenarioHost {
  readonly id: NodeId;
  readonly disk: ScenarioDisk;
  /** Begins anew with each process. */
  machine: ScenarioMachine;
  /** `null` while its process is down. */
  state: NodeState | null;
  wakeAtMs: number | null;
  /** Counts the starts: each has a seed of its own. */
  life: number;
  /** Sends that wait for a write. */
  held: readonly Send[];
  /** The last snapshot sent to each peer: the fate of earlier ones is of no more interest. */
  streams: ReadonlyMap<NodeId, Frame>;
}

/** A node that never ran, and that knows of `configuration`. */
export function newHost(id: NodeId, configuration: Configuration): ScenarioHost {
  return { id, disk: new ScenarioDisk(configuration), life: 0, ...withoutProcess() };
}

/** What a process that ends takes with it. */
export function withoutProcess(): Pick<ScenarioHost, 'machine' | 'state' | 'wakeAtMs' | 'held' | 'streams'> {
  return { machine: new ScenarioMachine(), state: null, wakeAtMs: null, held: [], streams: new Map() };
}
