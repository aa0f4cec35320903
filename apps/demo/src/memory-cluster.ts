/** Three nodes in one process, in real time: timers are timers, messages and disks take a few milliseconds. */

import { emptyRecord, flush, nodeId, recover, ref, step, writeNumber } from '@raftkv/core';
import type { Configuration, Effect, Input, NodeId, NodeState, Send } from '@raftkv/core';

const NETWORK_MS = 2;
const DISK_MS = 3;

/** Called for every effect of every node when it takes place: for a message, when it leaves. */
export type Watcher = (id: NodeId, effect: Effect) => void;

interface Host {
  readonly id: NodeId;
  state: NodeState;
  synced: number;
  waiting: Send[];
  wake: NodeJS.Timeout | undefined;
}

export class MemoryCluster {
  readonly ids: readonly NodeId[];
  private readonly hosts = new Map<NodeId, Host>();
  private readonly watch: Watcher;

  constructor(names: readonly string[], watch: Watcher) {
    this.ids = names.map(nodeId);
    this.watch = watch;
    const voters = this.ids.map((id) => ({ id, data: new Uint8Array(0) }));
    for (const id of this.ids) this.hosts.set(id, newHost(id, { kind: 'simple', voters }));
    for (const host of this.hosts.values()) this.input(host, { kind: 'timer' });
  }

  propose(id: NodeId, number: number, command: string): void {
    this.to(id, { kind: 'propose', ref: ref(number), data: new TextEncoder().encode(command) });
  }

  /** The process of `id` is gone, its memory with it; the others see their connections closed. */
  kill(id: NodeId): void {
    clearTimeout(this.hosts.get(id)?.wake);
    this.hosts.delete(id);
    for (const other of this.ids) {
      this.later(other, NETWORK_MS, { kind: 'peerDisconnected', peer: id, processGone: true });
    }
  }

  stop(): void {
    for (const id of this.ids) clearTimeout(this.hosts.get(id)?.wake);
    this.hosts.clear();
  }

  private to(id: NodeId, input: Input): void {
    const host = this.hosts.get(id);
    if (host !== undefined) this.input(host, input);
  }

  private later(id: NodeId, delayMs: number, input: Input): void {
    setTimeout(() => this.to(id, input), delayMs);
  }

  private input(host: Host, input: Input): void {
    const { state, effects, wakeAtMs } = flush(step(host.state, input, performance.now()));
    host.state = state;
    for (const effect of effects) {
      if (effect.kind !== 'send') this.watch(host.id, effect);
      this.perform(host, effect);
    }
    clearTimeout(host.wake);
    if (wakeAtMs === null) return;
    host.wake = setTimeout(
      () => this.input(host, { kind: 'timer' }),
      Math.max(wakeAtMs - performance.now(), 0),
    );
  }

  private perform(host: Host, effect: Effect): void {
    switch (effect.kind) {
      case 'persist':
        setTimeout(() => this.synced(host, effect.write), DISK_MS);
        return;
      case 'send':
        if (effect.afterWrite > host.synced) host.waiting.push(effect);
        else this.send(host.id, effect);
        return;
      case 'apply':
        for (const { index } of effect.entries.slice(-1)) this.later(host.id, 0, { kind: 'applied', index });
        return;
      case 'fetch':
      case 'readable':
      case 'result':
      case 'changed':
        return;
      default:
        effect satisfies never;
    }
  }

  private synced(host: Host, write: number): void {
    if (this.hosts.get(host.id) !== host) return;
    host.synced = write;
    const free = host.waiting.filter((send) => send.afterWrite <= write);
    host.waiting = host.waiting.filter((send) => send.afterWrite > write);
    for (const send of free) this.send(host.id, send);
    this.input(host, { kind: 'persisted', write: writeNumber(write) });
  }

  private send(from: NodeId, effect: Send): void {
    this.watch(from, effect);
    this.later(effect.to, NETWORK_MS, { kind: 'receive', from, message: effect.message });
  }
}

function newHost(id: NodeId, configuration: Configuration): Host {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const clusterIdProposal = crypto.getRandomValues(new Uint8Array(16));
  const state = recover({ id, seed, clusterIdProposal }, emptyRecord(configuration), performance.now());
  return { id, state, synced: 0, waiting: [], wake: undefined };
}
