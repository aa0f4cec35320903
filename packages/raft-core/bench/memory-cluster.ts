/** Three nodes in one process whose disks and network cost nothing: what is left is the cost of the core. */

import { emptyRecord, flush, nodeId, recover, ref, step } from '../src/index.ts';
import type { Effect, Input, NodeId, NodeState } from '../src/index.ts';

export class MemoryCluster {
  private readonly states = new Map<NodeId, NodeState>();
  private readonly leader = nodeId('a');
  private readonly awake = new Set<NodeId>();
  private lastRef = 0;
  committed = 0;

  constructor() {
    const ids = ['a', 'b', 'c'].map(nodeId);
    const voters = ids.map((id) => ({ id, data: new Uint8Array(0) }));
    for (const [seed, id] of ids.entries()) {
      const options = { id, seed, clusterIdProposal: new Uint8Array(16) };
      this.states.set(id, recover(options, emptyRecord({ kind: 'simple', voters }), 0));
    }
    this.input(this.leader, { kind: 'campaign' });
    this.settle();
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
        const { state, effects } = flush(this.states.get(id)!);
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
      case 'apply':
        return this.input(id, { kind: 'applied', index: effect.entries.at(-1)!.index });
      case 'result':
        if (effect.outcome === 'committed') this.committed += 1;
        return;
      case 'fetch':
      case 'readable':
      case 'changed':
        return;
    }
  }

  private input(id: NodeId, input: Input): void {
    this.states.set(id, step(this.states.get(id)!, input, 0));
    this.awake.add(id);
  }
}
