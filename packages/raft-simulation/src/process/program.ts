/** What runs in a simulated process, and what it is given to run with. */

import type { NodeId } from '@raftkv/core';
import type { Clock, RaftNode, Transport } from '@raftkv/runtime';
import type { Timeline } from '../world/timeline.ts';

/** What of a machine survives the end of a process. Its latencies and faults are its own; the host says what happens to it. */
export interface Disk {
  /** The process is gone: of what was not synced, the disk keeps what it will, and nothing under way calls back. */
  crash(): void;
  /** An empty disk in the place of this one, as new: another incarnation (R28). The process is gone before. */
  wipe(): void;
}

/** Made anew for each life of a process. */
export interface ProcessPorts<D extends Disk> {
  /** Of the node, and of its machine. */
  readonly id: NodeId;
  /** 1 for the first start; rises with each. */
  readonly life: number;
  /** The machine's, with its drift and jumps. */
  readonly clock: Clock;
  /** For one start of one node. */
  readonly transport: Transport;
  /** Gated by this life: what is asked for here waits while the process is paused, and never comes once it is gone. */
  readonly timeline: Timeline;
  /** Of this life alone. */
  randomBytes(count: number): Uint8Array;
  /** The machine's, for all lives of the process. */
  readonly disk: D;
  /** To be called when the node fails for good (`NodeObserver.onFailed`); the host keeps it as its `failure`. */
  failed(cause: Error): void;
}

/** A program under way. */
export interface RunningProgram {
  /** What the checkers look at. */
  readonly node: RaftNode<unknown>;
  /** The process is gone: free what is no part of the simulated world. Nothing it asks for will happen. */
  stop?(): void;
}

/** What runs in a simulated process. */
export interface Program<D extends Disk> {
  /** Called once for each life. What it rejects with is the host's `failure`. */
  start(ports: ProcessPorts<D>): Promise<RunningProgram>;
}
