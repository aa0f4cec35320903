/** Three Raft nodes over real sockets: elect, replicate, lose the leader, go on. */

import { nodeId, type Configuration } from '@raftkv/core';
import { MemoryLogStorage, RaftNode, type Command, type CoreLimits } from '@raftkv/runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketTransport } from '../src/index.ts';
import { configurationOf } from './support/stage.ts';

const IDS = ['a', 'b', 'c'];
const CONFIGURATION: Configuration = configurationOf(...IDS);

/** So long that the tests end before. */
const PATIENT = { electionTimeoutMinMs: 600_000, electionTimeoutMaxMs: 900_000 };
const SILENCE_MS_MAX = 1_000_000;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

class Cluster {
  readonly applied = new Map<string, string[]>();
  /** What each node was told of its peers. */
  readonly peers = new Map(IDS.map((id) => [id, new Set<string>()]));
  readonly nodes = new Map<string, RaftNode<number>>();
  readonly transports = new Map<string, WebSocketTransport>();
  private readonly storages = new Map(IDS.map((id) => [id, new MemoryLogStorage(CONFIGURATION)]));
  private readonly urls = new Map<string, string>();
  private readonly waiting = new Set<() => void>();

  async start(id: string, core: CoreLimits = {}): Promise<void> {
    const applied: string[] = [];
    this.applied.set(id, applied);
    const transport = new WebSocketTransport({
      id: nodeId(id),
      cluster: 'three',
      onNotice: () => this.changed(),
      configuration: CONFIGURATION,
      listen: { host: '127.0.0.1', port: 0 },
      limits: { silenceMsMax: SILENCE_MS_MAX },
      peers: new Map(
        IDS.filter((other) => other !== id).map((other) => [
          nodeId(other),
          () => this.urls.get(other) ?? null,
        ]),
      ),
    });
    const apply = (commands: readonly Command[]): number[] => {
      const results = commands.map(({ data }) => applied.push(new TextDecoder().decode(data)));
      queueMicrotask(() => this.changed());
      return results;
    };
    const node = await RaftNode.start({
      id: nodeId(id),
      storage: this.storages.get(id)!,
      transport,
      core,
      stateMachine: { apply },
      about: bytes(`clients of ${id}`),
      observer: {
        onChanged: () => this.changed(),
        onPeer: (peer, about) => this.peers.get(id)?.add(`${peer}: ${new TextDecoder().decode(about)}`),
      },
    });
    this.urls.set(id, `ws://127.0.0.1:${transport.port}`);
    this.nodes.set(id, node);
    this.transports.set(id, transport);
  }

  async stop(id: string): Promise<void> {
    const node = this.nodes.get(id)!;
    this.nodes.delete(id);
    await node.close();
  }

  /** Has it elected, as soon as all are connected. */
  async campaign(id: string): Promise<void> {
    await this.until(() => [...this.transports.values()].every((one) => one.metrics().connectedPeers === 2));
    this.nodes.get(id)?.campaign();
  }

  /** The leader that a majority follows. */
  async leader(): Promise<readonly [string, RaftNode<number>]> {
    let found: readonly [string, RaftNode<number>] | undefined;
    await this.until(() => {
      found = [...this.nodes].find(
        ([id, node]) =>
          node.status().role === 'leader' &&
          [...this.nodes.values()].filter((one) => one.status().leader === id).length >= 2,
      );
      return found !== undefined;
    });
    return found!;
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  private changed(): void {
    for (const look of this.waiting) look();
  }
}

let cluster = new Cluster();

afterEach(async () => {
  await Promise.all([...cluster.nodes.keys()].map((id) => cluster.stop(id)));
  cluster = new Cluster();
});

describe('three nodes over WebSocket', () => {
  it('elect, replicate, lose the leader and go on; it comes back and catches up', async () => {
    for (const id of IDS) await cluster.start(id);
    const [first, leader] = await cluster.leader();
    await Promise.all(['1', '2', '3'].map((text) => leader.propose(bytes(text))));

    await cluster.stop(first);
    const [second, successor] = await cluster.leader();
    expect(second).not.toBe(first);
    await successor.propose(bytes('4'));
    await successor.read();

    await cluster.start(first);
    const all = ['1', '2', '3', '4'];
    await cluster.until(() => IDS.every((id) => cluster.applied.get(id)?.length === all.length));
    for (const id of IDS) expect(cluster.applied.get(id)).toEqual(all);
  });

  it('take a leader whose sockets are closed for gone, and do not wait for the election timeout (R14)', async () => {
    for (const id of IDS) await cluster.start(id, PATIENT);
    await cluster.campaign('a');
    const [first, leader] = await cluster.leader();
    await leader.propose(bytes('before'));
    await cluster.until(() => IDS.every((id) => cluster.applied.get(id)?.length === 1));

    const stopping = cluster.stop(first);
    const [, successor] = await cluster.leader();
    expect((await successor.propose(bytes('after'))).result).toBe(2);
    await stopping;
  });

  it('hear their leader as soon as they are connected, long before its next heartbeat (R13)', async () => {
    const core = { ...PATIENT, heartbeatMs: 300_000 };
    for (const id of IDS) await cluster.start(id, core);
    await cluster.campaign('a');
    const [, leader] = await cluster.leader();
    await leader.propose(bytes('x'));
    await cluster.until(() => IDS.every((id) => cluster.applied.get(id)?.length === 1));
    await cluster.stop('c');
    await cluster.start('c', core);
    await cluster.until(() => cluster.nodes.get('c')?.status().leader === 'a');
    expect([...(cluster.peers.get('a') ?? [])].toSorted()).toEqual(['b: clients of b', 'c: clients of c']);
    expect(cluster.peers.get('c')).toContain('a: clients of a');
  });

  it('carry commands of a megabyte', async () => {
    // Copying so much may hold a busy machine for longer than the usual timeouts.
    for (const id of IDS) await cluster.start(id, PATIENT);
    await cluster.campaign('a');
    const [, leader] = await cluster.leader();
    const text = 'x'.repeat(1024 * 1024);
    await Promise.all(Array.from({ length: 8 }, () => leader.propose(bytes(text))));
    await cluster.until(() => IDS.every((id) => cluster.applied.get(id)?.length === 8));
    for (const id of IDS) expect(cluster.applied.get(id)?.every((one) => one === text)).toBe(true);
  });
});
