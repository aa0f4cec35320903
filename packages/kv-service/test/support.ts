/** A cluster of services over nodes in one process, and a clock that the test moves. */

import type { Outcome, Request, Response } from '@raftkv/kv-protocol';
import { KeyValueMachine } from '@raftkv/kv-state-machine';
import {
  firstConfiguration,
  InProcessNetwork,
  MemoryLogStorage,
  nodeId,
  noConfiguration,
  RaftNode,
  type NodeId,
} from '@raftkv/runtime';
import { KvService, type ServiceClock } from '../src/index.ts';

export class ManualClock implements ServiceClock {
  private timeMs = 0;
  private due: { readonly atMs: number; readonly wake: () => void } | null = null;

  nowMs(): number {
    return this.timeMs;
  }

  wakeAt(atMs: number | null, wake: () => void): void {
    this.due = atMs === null ? null : { atMs, wake };
  }

  /** All wake-ups on the way come in time. */
  advance(ms: number): void {
    const endMs = this.timeMs + ms;
    while (this.due !== null && this.due.atMs <= endMs) {
      this.timeMs = Math.max(this.due.atMs, this.timeMs);
      this.fire();
    }
    this.timeMs = endMs;
  }

  /** The process stands still: a wake-up on the way comes at the end. */
  stall(ms: number): void {
    this.timeMs += ms;
    if (this.due !== null && this.due.atMs <= this.timeMs) this.fire();
  }

  private fire(): void {
    const wake = this.due?.wake;
    this.due = null;
    wake?.();
  }
}

function urlOf(member: string): string {
  return `ws://${member}`;
}

export interface Member {
  readonly name: string;
  readonly node: RaftNode<Outcome>;
  readonly machine: KeyValueMachine;
  readonly service: KvService;
  readonly clock: ManualClock;
}

export class Cluster {
  readonly network = new InProcessNetwork();
  readonly members = new Map<string, Member>();
  private readonly storages = new Map<string, MemoryLogStorage>();
  private readonly ids: readonly NodeId[];

  constructor(names: readonly string[]) {
    this.ids = names.map(nodeId);
  }

  /** Started, with the first one leading. */
  static async elected(...names: string[]): Promise<Cluster> {
    const cluster = new Cluster(names);
    for (const name of names) await cluster.start(name);
    await cluster.elect(names[0] ?? '');
    return cluster;
  }

  /** It has no members, and waits to be added. */
  join(name: string): Promise<Member> {
    this.storages.set(name, new MemoryLogStorage(noConfiguration()));
    return this.start(name);
  }

  async start(name: string): Promise<Member> {
    const voters = this.ids.map((id) => ({ id, data: new Uint8Array(0) }));
    const storage = this.storages.get(name) ?? new MemoryLogStorage(firstConfiguration(voters));
    this.storages.set(name, storage);
    const machine = new KeyValueMachine();
    const clock = new ManualClock();
    let service: KvService | null = null;
    const node = await RaftNode.start({
      id: nodeId(name),
      storage,
      transport: this.network.transport(nodeId(name)),
      stateMachine: machine,
      // Nobody campaigns but who is told to.
      core: { heartbeatMs: 1000, electionTimeoutMinMs: 50_000, electionTimeoutMaxMs: 60_000 },
      observer: { onChanged: (status) => service?.onStatus(status) },
    });
    const addresses = { own: urlOf(name), of: urlOf, all: () => this.ids.map(urlOf) };
    const peerUrlOf = (member: string) => (name === member ? null : `peer://${member}`);
    service = new KvService({ node, machine, addresses, peerUrlOf, clock, sessionTtlMs: 1000 });
    const member = { name, node, machine, service, clock };
    this.members.set(name, member);
    return member;
  }

  async elect(name: string): Promise<Member> {
    const member = this.member(name);
    member.node.campaign();
    await until(() => member.node.status().role === 'leader');
    // Answered after what the service asked for when it took office.
    await new Promise((resolve) => {
      member.node.submitRead(resolve);
    });
    return member;
  }

  member(name: string): Member {
    const member = this.members.get(name);
    if (member === undefined) throw new Error(`no member ${name}`);
    return member;
  }

  async close(): Promise<void> {
    for (const { service, node } of this.members.values()) {
      service.close();
      await node.close();
    }
  }
}

export function ask(member: Member, request: Request): Promise<Response> {
  return new Promise((resolve) => {
    member.service.handle(request, resolve);
  });
}

/** Waits for `condition`, a turn of the event loop at a time. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
