/** Nodes in memory with one store behind them, and clients of them in simulated time. */

import type { ConnectOptions, KvClient, Notice } from '../../src/index.ts';
import { connect } from '../../src/index.ts';
import { ScriptedNode } from './node.ts';
import { MemorySocket } from './socket.ts';
import { ScriptedStore } from './store.ts';
import { SimulatedTime } from './time.ts';

export class ScriptedCluster {
  readonly time = new SimulatedTime();
  readonly store = new ScriptedStore();
  readonly notices: Notice[] = [];
  /** Addresses in the order in which they were dialled. */
  readonly dialled: string[] = [];
  /** Addresses where nobody listens, for now. */
  readonly gone = new Set<string>();
  private readonly nodes = new Map<string, ScriptedNode>();
  private chance = 1;

  /** A node that serves from the store. */
  node(url: string): ScriptedNode {
    const node = new ScriptedNode(url);
    node.serve = (request) => this.store.serve(request);
    this.nodes.set(url, node);
    return node;
  }

  options(options: Partial<ConnectOptions> = {}): ConnectOptions {
    return {
      endpoints: [...this.nodes.keys()],
      clock: this.time,
      random: (count) => this.random(count),
      socketFactory: (url) => this.dial(url),
      onNotice: (notice) => this.notices.push(notice),
      ...options,
    };
  }

  async client(options: Partial<ConnectOptions> = {}): Promise<KvClient> {
    const connecting = connect(this.options(options));
    await this.time.settle();
    return connecting;
  }

  private dial(url: string): MemorySocket {
    this.dialled.push(url);
    return new MemorySocket(this.time, this.gone.has(url) ? null : (this.nodes.get(url) ?? null));
  }

  private random(count: number): Uint8Array {
    this.chance += 1;
    return new Uint8Array(count).fill((this.chance * 37) % 256);
  }
}

export interface Ended {
  state: 'pending' | 'fulfilled' | 'rejected';
  value?: unknown;
  error?: unknown;
}

/** How a promise ends, to be looked at while it has not. */
export function watched(promise: Promise<unknown>): Ended {
  const ended: Ended = { state: 'pending' };
  promise.then(
    (value) => Object.assign(ended, { state: 'fulfilled', value }),
    (error: unknown) => Object.assign(ended, { state: 'rejected', error }),
  );
  return ended;
}
