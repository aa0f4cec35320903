/** Three nodes in one process whose disks and network cost nothing: what is left is the cost of the core. */

import {
  emptyRecord,
  flush,
  nodeId,
  recover,
  ref,
  step,
  type Effect,
  type Input,
  type NodeId,
  type NodeState,
  firstConfiguration,
} from '@raftkv/core';

/** As a host holds its node. */
interface Host {
  readonly id: NodeId;
  state: NodeState;
  /** Stepped since its last flush. */
  isAwake: boolean;
}

export class MemoryCluster {
  private readonly hosts: readonly Host[];
  private readonly leader: Host;
  private lastRef = 0;
  private committedCount = 0;

  constructor() {
    const ids = ['a', 'b', 'c'].map(nodeId);
    const voters = ids.map((id) => ({ id, data: new Uint8Array(0) }));
    const record = emptyRecord(firstConfiguration(voters));
    this.hosts = ids.map((id, seed) => {
      const options = { id, seed, clusterIdProposal: new Uint8Array(16) };
      return { id, state: recover(options, record, 0), isAwake: false };
    });
    this.leader = this.host(nodeId('a'));
    give(this.leader, { kind: 'campaign' });
    this.settle();
  }

  get committed(): number {
    return this.committedCount;
  }

  /** Proposes `count` commands in one turn of the leader, and runs until all are applied everywhere. */
  replicate(count: number, data: Uint8Array): void {
    for (let nth = 0; nth < count; nth += 1) {
      this.lastRef += 1;
      give(this.leader, { kind: 'propose', ref: ref(this.lastRef), data });
    }
    this.settle();
  }

  private settle(): void {
    while (this.hosts.some((host) => host.isAwake)) {
      for (const host of this.hosts) {
        if (!host.isAwake) continue;
        host.isAwake = false;
        const { state, effects } = flush(host.state);
        host.state = state;
        for (const effect of effects) this.perform(host, effect);
      }
    }
  }

  private perform(host: Host, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return give(host, { kind: 'persisted', write: effect.write });
      case 'send':
        return give(this.host(effect.to), { kind: 'receive', from: host.id, message: effect.message });
      case 'apply': {
        const last = effect.entries.at(-1);
        if (last !== undefined) give(host, { kind: 'applied', index: last.index });
        return;
      }
      case 'result':
        if (effect.outcome === 'committed') this.committedCount += 1;
        return;
      // Nobody lags here, and nobody is compacted.
      case 'fetch':
      case 'sendSnapshot':
      case 'installSnapshot':
      case 'readable':
      case 'changed':
        return;
      default:
        return effect satisfies never;
    }
  }

  private host(id: NodeId): Host {
    const host = this.hosts.find((one) => one.id === id);
    if (host === undefined) throw new Error(`there is no node ${id}`);
    return host;
  }
}

function give(host: Host, input: Input): void {
  host.state = step(host.state, input, 0);
  host.isAwake = true;
}
