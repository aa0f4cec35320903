/**
 * What a host of a random cluster does with snapshots: takes them, streams them, and puts them in place of its machine.
 * The machine is a hash over all that was applied: equal at equal index on every node, whichever way it came there.
 */

import { baseAt, InvariantViolation } from '../src/index.ts';
import type { Base, Entry, Input, InstallSnapshot, NodeId, SendSnapshot } from '../src/index.ts';
import type { Chance } from './cluster-chance.ts';
import type { Host } from './cluster.ts';

interface Snapshot {
  readonly base: Base;
  /** Of the machine at `base.index`. */
  readonly hash: number;
}

/** What the cluster does for it. */
export interface SnapshotPorts {
  readonly hostOf: (id: NodeId) => Host;
  readonly input: (host: Host, input: Input) => void;
  /** After a while, and in this life of the process only. */
  readonly onHost: (host: Host, delayMs: number, run: () => void) => void;
  readonly isPeace: () => boolean;
  readonly onInstall: (host: Host, base: Base) => void;
}

/** Those of one node: `crash` leaves what is on its disk, and a machine that begins empty. */
export class SnapshotHost {
  private readonly random: Chance;
  private readonly ports: SnapshotPorts | null;
  /** On disk, by index; one that no base names yet too. */
  private readonly kept = new Map<number, Snapshot>();
  /** The last stream to each peer: one that takes its place ends it. */
  private readonly streams = new Map<NodeId, number>();
  private streamCount = 0;
  private machine = { index: 0, hash: 0 };

  /** Without `ports` it takes none, and so is never asked to send one. */
  constructor(random: Chance, ports: SnapshotPorts | null) {
    this.random = random;
    this.ports = ports;
  }

  crash(): void {
    this.machine = { index: 0, hash: 0 };
    this.streams.clear();
  }

  apply(entries: readonly Entry[]): void {
    for (const { index, term } of entries) {
      if (index !== this.machine.index + 1)
        throw new Error(`${index} is applied after ${this.machine.index}`);
      this.machine = { index, hash: (Math.imul(this.machine.hash, 31) + Math.imul(index, 7919) + term) | 0 };
    }
  }

  /** Now and then, of all that was reported to be applied; the core hears of it when it is on disk. */
  take(host: Host): void {
    const { state } = host;
    const { ports } = this;
    if (ports === null || state === null || !this.random.chance(0.1)) return;
    const index = state.appliedIndex;
    // The machine may be ahead of what it has reported.
    if (index !== this.machine.index || index <= state.log.base.index) return;
    const snapshot = { base: baseAt(state, index), hash: this.machine.hash };
    ports.onHost(host, this.random.between(0, 60), () => {
      this.kept.set(index, snapshot);
      ports.input(host, { kind: 'compacted', index });
    });
  }

  /** Streams may be slow, break with or without a word, and end before or after their receiver's answer. */
  send(host: Host, { peer, base }: SendSnapshot): void {
    const ports = this.portsInUse();
    this.streamCount += 1;
    const stream = this.streamCount;
    this.streams.set(peer, stream);
    const snapshot = this.snapshotOf(base);
    const fate = ports.isPeace() ? 0 : this.random.between(0, 1);
    const answer = (isDelivered: boolean) => {
      if (this.streams.get(peer) !== stream) return;
      ports.input(host, { kind: 'snapshotSent', peer, isDelivered });
    };
    ports.onHost(host, this.random.between(1, this.random.pick([10, 10, 150])), () => {
      if (fate > 0.9) return;
      if (fate > 0.75) return answer(false);
      const receiver = ports.hostOf(peer);
      if (receiver.state === null) return answer(false);
      // Its answer may be here first, and a copy come late.
      const delaysMs = fate > 0.6 ? [0, this.random.between(0, 2000)] : [0];
      for (const delayMs of delaysMs)
        ports.onHost(receiver, delayMs, () => receiver.snapshots.receive(receiver, host.id, snapshot));
      ports.onHost(host, this.random.pick([0, 0, 30]), () => answer(true));
    });
  }

  install(host: Host, { base }: InstallSnapshot): void {
    const ports = this.portsInUse();
    const { hash } = this.snapshotOf(base);
    const { index } = base;
    if (index <= this.machine.index)
      throw new Error(`the machine goes back from ${this.machine.index} to ${index}`);
    this.machine = { index, hash };
    ports.onInstall(host, base);
    ports.onHost(host, this.random.between(0, 40), () => ports.input(host, { kind: 'applied', index }));
  }

  /** What the machine is at `index`; `null` where it is elsewhere. */
  hashAt(index: number): number | null {
    return this.machine.index === index ? this.machine.hash : null;
  }

  private receive(host: Host, from: NodeId, snapshot: Snapshot): void {
    this.kept.set(snapshot.base.index, snapshot);
    this.portsInUse().input(host, { kind: 'snapshotReceived', from, base: snapshot.base });
  }

  private portsInUse(): SnapshotPorts {
    if (this.ports === null) throw new Error('there are no snapshots here');
    return this.ports;
  }

  private snapshotOf(base: Base): Snapshot {
    const snapshot = this.kept.get(base.index);
    if (snapshot === undefined || snapshot.base.term !== base.term)
      throw new InvariantViolation('base-within-log', `no snapshot of ${base.index}@${base.term}`);
    return snapshot;
  }
}
