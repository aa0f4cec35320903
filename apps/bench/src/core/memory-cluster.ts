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

export class MemoryCluster {
  private readonly states = new Map<NodeId, NodeState>();
  private readonly leader = nodeId('a');
  private readonly awake = new Set<NodeId>();
  private lastRef = 0;
  private committedCount = 0;

  constructor() {
    const ids = ['a', 'b', 'c'].map(nodeId);
    const voters = ids.map((id) => ({ id, data: new Uint8Array(0) }));
    for (const [seed, id] of ids.entries()) {
      const options = { id, seed, clusterIdProposal: new Uint8Array(16) };
      this.states.set(id, recover(options, emptyRecord(firstConfiguration(voters)), 0));
    }
    this.input(this.leader, { kind: 'campaign' });
    this.settle();
  }

  get committed(): number {
    return this.committedCount;
  }

  /** Proposes `count` commands in one turn of the leader, and runs until all are applied everywhere. */
  replicate(count: number, data: Uint8Array): void {
    for (let nth = 0; nth < count; nth += 1) {
      this.lastRef += 1;
      this.input(this.leader, { kind: 'propose', ref: ref(this.lastRef), data });
    }
    this.settle();
  }

  private settle(): void {
    while (this.awake.size > 0) {
      for (const id of this.awake) {
        this.awake.delete(id);
        const { state, effects } = flush(this.stateOf(id));
        this.states.set(id, state);
        for (const effect of effects) this.perform(id, effect);
      }
    }
  }

  private perform(id: NodeId, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        return this.input(id, { kind: 'persisted', write: effect.write });
      case 'send':
        return this.input(effect.to, { kind: 'receive', from: id, message: effect.message });
      case 'apply': {
        const last = effect.entries.at(-1);
        if (last !== undefined) this.input(id, { kind: 'applied', index: last.index });
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

  private input(id: NodeId, input: Input): void {
    this.states.set(id, step(this.stateOf(id), input, 0));
    this.awake.add(id);
  }

  private stateOf(id: NodeId): NodeState {
    const state = this.states.get(id);
    if (state === undefined) throw new Error(`there is no node ${id}`);
    return state;
  }
}
