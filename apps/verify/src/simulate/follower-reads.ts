/**
 * Reads of nodes that need not lead, by a host of their process: through the node, and then of its state machine. They stand
 * in the history with what clients saw; those that may be stale are compared with what was acknowledged. Source: R17.
 */

import { UnavailableError } from '@raftkv/kv-client';
import type { KeyValueMachine } from '@raftkv/kv-state-machine';
import type { RaftError, RaftNode } from '@raftkv/runtime';
import { askedHost, type Acknowledged, type SimulatedHost, type World } from '@raftkv/simulation';
import type { KeyValueOutput } from '@raftkv/simulation/linearizability';
import type { History } from '../workload/history.ts';
import { labelOf } from '../workload/values.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { violated } from './violated.ts';

type Host = SimulatedHost<SimulatedDisk>;

/** One of them. */
export interface FollowerReadPlan {
  readonly atMs: number;
  /** Whose node is asked. */
  readonly target: string;
  /** Of which key, modulo how many there are. */
  readonly pick: number;
  /** Above 0: it may be so stale, and says nothing to the history. */
  readonly maxStalenessMs: number;
}

/** What a process that answers reads consists of. */
export interface ReadableProcess {
  readonly node: RaftNode<unknown>;
  readonly machine: KeyValueMachine;
}

export interface FollowerReadsOptions {
  readonly world: World;
  readonly hosts: readonly Host[];
  /** The one that runs on a host, if it is there. */
  readonly processOf: (host: Host) => ReadableProcess | null;
  readonly keys: readonly string[];
  /** In the history, as one client. */
  readonly number: number;
  readonly history: History;
  /** Revisions. */
  readonly acknowledged: Acknowledged;
  readonly onBroken: (broken: Error) => void;
}

export class FollowerReads {
  /** How many were answered, by kind. */
  readonly happened: Map<string, number> = new Map<string, number>();
  private readonly options: FollowerReadsOptions;

  constructor(options: FollowerReadsOptions) {
    this.options = options;
  }

  schedule(reads: readonly FollowerReadPlan[]): void {
    const { world } = this.options;
    for (const read of reads) world.after(read.atMs - world.nowMs, () => this.read(read));
  }

  private read({ target, pick, maxStalenessMs }: FollowerReadPlan): void {
    const { hosts, keys, processOf } = this.options;
    const host = askedHost(hosts, target);
    const process = host === null || host.isPaused ? null : processOf(host);
    if (host === null || process === null) return;
    const key = keys[pick % keys.length] ?? '';
    if (maxStalenessMs === 0) this.readLast(process, key);
    else this.readStale(host, process, maxStalenessMs);
  }

  private readLast({ node, machine }: ReadableProcess, key: string): void {
    const { history, number, onBroken } = this.options;
    const answered = new Promise<KeyValueOutput>((resolve, reject) => {
      node.submitRead(
        ({ error }) => {
          if (error !== null) return reject(refused(error));
          this.count('follower-read');
          resolve({ kind: 'value', entry: entryOf(machine, key) });
        },
        { asksLeader: true },
      );
    });
    history.record(number, { kind: 'get', key }, () => answered).catch(onBroken);
  }

  private readStale(host: Host, { node, machine }: ReadableProcess, maxStalenessMs: number): void {
    const { acknowledged, onBroken, world } = this.options;
    const due = acknowledged.dueFor(host.id, maxStalenessMs);
    node.submitRead(
      ({ error }) => {
        if (error !== null) return;
        this.count('bounded-read');
        world.note(`${host.id} reads ${machine.revision} within ${maxStalenessMs} ms`);
        if (machine.revision >= due) return;
        const why = `${host.id} shows ${machine.revision}, ${due} was acknowledged ${maxStalenessMs} ms before`;
        onBroken(violated('bounded-read', why));
      },
      { asksLeader: true, maxStalenessMs },
    );
  }

  private count(kind: string): void {
    this.happened.set(kind, (this.happened.get(kind) ?? 0) + 1);
  }
}

/** As a client would be told. */
function refused({ message }: RaftError): UnavailableError {
  return new UnavailableError(message, 'not-applied');
}

function entryOf(machine: KeyValueMachine, key: string): Extract<KeyValueOutput, { kind: 'value' }>['entry'] {
  const entry = machine.get(new TextEncoder().encode(key));
  if (entry === null) return null;
  const { value, createRevision, modRevision, version } = entry;
  return { value: labelOf(new TextDecoder().decode(value)), createRevision, modRevision, version };
}
