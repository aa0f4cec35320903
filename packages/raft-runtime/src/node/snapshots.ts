/**
 * Snapshots of this node's state machine: when one is taken, how one goes to a peer or comes from one, and how the machine
 * is made anew from one. Their bytes pass by in pieces, between the machine, the storage and the transport. Source: R33.
 */

import { baseAt, type InstallSnapshot, type LogIndex, type NodeId, type SendSnapshot } from '@raftkv/core';
import type { Entry, Input, NodeState } from '@raftkv/core';
import { entryBytes } from '@raftkv/core';
import { decodeSnapshotHead, encodeSnapshotHead } from '../bytes/snapshot-head.ts';
import { areEqual } from '../bytes/equal.ts';
import type { LogStorage } from '../ports/log-storage.ts';
import type { MachineSnapshots } from '../ports/state-machine.ts';
import type { Transport } from '../ports/transport.ts';
import type { Counters } from './metrics.ts';
import type { Notice } from './options.ts';

export interface SnapshotsHost {
  /** Runs what a port calls, unless the node has ended; an exception ends the node. */
  guard(work: () => void): void;
  step(input: Input): void;
  state(): NodeState;
  /** `null` until it is known here to be committed. */
  clusterId(): Uint8Array | null;
  learnClusterId(clusterId: Uint8Array): void;
  notify(notice: Notice): void;
  /** Lets nobody use the machine until `work` is done, which puts it at `index`; a rejection ends the node. */
  occupyMachine(index: LogIndex, work: () => Promise<void>): void;
}

export interface SnapshotsOptions {
  readonly stateMachine: { readonly snapshots?: MachineSnapshots };
  readonly storage: LogStorage;
  readonly transport: Transport;
  /** One is taken when so many bytes of the log were applied since the last. */
  readonly snapshotLogBytes: number;
}

export class Snapshots {
  private readonly options: SnapshotsOptions;
  private readonly host: SnapshotsHost;
  private readonly counters: Counters;
  private isTaking = false;
  /** Of the log that was applied since the last one was begun. */
  private appliedBytes = 0;
  /** What the last one took. */
  private lastBytes = 0;
  /** The last stream to each peer: what an earlier one comes to is no news any more. */
  private readonly sendings = new Map<NodeId, object>();

  constructor(options: SnapshotsOptions, host: SnapshotsHost, counters: Counters) {
    this.options = options;
    this.host = host;
    this.counters = counters;
  }

  /** `undefined` where it takes none. */
  private get machine(): MachineSnapshots | undefined {
    return this.options.stateMachine.snapshots;
  }

  /** `entries` are to be applied. */
  count(entries: readonly Entry[]): void {
    for (const entry of entries) this.appliedBytes += entryBytes(entry);
  }

  /**
   * The machine stands at `index`, and nothing more is applied within this call. One is due when the log has grown by what
   * the last one took, and by `logBytes`: so neither the log nor the work for snapshots outgrows the writes.
   */
  takeIfDue(index: LogIndex): void {
    const { snapshotLogBytes } = this.options;
    const { machine } = this;
    const clusterId = this.host.clusterId();
    if (machine === undefined || clusterId === null || this.isTaking) return;
    if (this.appliedBytes < Math.max(snapshotLogBytes, this.lastBytes)) return;
    // A peer's snapshot may be ahead of the machine, and soon in its place.
    if (index <= this.host.state().log.base.index) return;
    this.isTaking = true;
    this.appliedBytes = 0;
    const head = { base: baseAt(this.host.state(), index), clusterId };
    let bytes = 0;
    const content = counted(machine.take(), (length) => {
      bytes += length;
    });
    this.options.storage.writeSnapshot(head, content).then(
      () =>
        this.host.guard(() => {
          this.isTaking = false;
          this.lastBytes = bytes;
          this.counters.snapshotsTaken += 1;
          this.host.notify({ kind: 'snapshot-taken', index, bytes });
          this.host.step({ kind: 'compacted', index });
        }),
      (cause: unknown) =>
        this.host.guard(() => {
          this.isTaking = false;
          this.host.notify({ kind: 'snapshot-failed', index, cause });
        }),
    );
  }

  /** Puts the snapshot of the base in the machine's place. */
  install({ base: { index } }: InstallSnapshot): void {
    const { machine } = this;
    const { storage } = this.options;
    this.appliedBytes = 0;
    this.host.occupyMachine(index, async () => {
      if (machine === undefined)
        throw new TypeError('the log has a snapshot, and the state machine takes none');
      const { content } = await storage.openSnapshot(index);
      let bytes = 0;
      await machine.restore(
        counted(content, (length) => {
          bytes += length;
        }),
      );
      this.lastBytes = bytes;
      this.counters.snapshotsInstalled += 1;
    });
  }

  /** Streams the snapshot of the base to a peer. */
  send({ peer, base }: SendSnapshot): void {
    const { storage, transport } = this.options;
    const sending = {};
    this.sendings.set(peer, sending);
    const settle = (error: Error | null): void =>
      this.host.guard(() => {
        if (this.sendings.get(peer) !== sending) return;
        this.sendings.delete(peer);
        if (error === null) this.counters.snapshotsSent += 1;
        this.host.step({ kind: 'snapshotSent', peer, isDelivered: error === null });
      });
    storage.openSnapshot(base.index).then(
      ({ head, content }) =>
        this.host.guard(() => {
          // Whoever holds a file open for it lets go.
          if (this.sendings.get(peer) !== sending) return void content[Symbol.asyncIterator]().return?.();
          transport.sendSnapshot(peer, encodeSnapshotHead(head), content, settle);
        }),
      settle,
    );
  }

  /** Resolves when what comes from `from` is kept, and the core knows of it. @throws if it is not wanted, or not kept. */
  async receive(from: NodeId, bytes: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void> {
    const head = decodeSnapshotHead(bytes);
    const { base } = head;
    const clusterId = this.host.clusterId();
    if (clusterId !== null && !areEqual(clusterId, head.clusterId)) {
      throw new Error(`the snapshot of ${from} is of another cluster`);
    }
    if (this.machine === undefined) throw new Error('the state machine takes no snapshots');
    // What this node has already it need not be sent: the answer says how far it is.
    if (base.index > this.host.state().commitIndex) await this.options.storage.writeSnapshot(head, content);
    this.host.guard(() => {
      this.counters.snapshotsReceived += 1;
      if (this.host.clusterId() === null) this.host.learnClusterId(head.clusterId);
      this.host.step({ kind: 'snapshotReceived', from, base });
    });
  }
}

async function* counted(
  content: AsyncIterable<Uint8Array>,
  count: (length: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    count(piece.length);
    yield piece;
  }
}
