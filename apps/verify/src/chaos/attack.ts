/** Does to a cluster what the plan says, and undoes it. Says of each thing what became of it. */

import { setTimeout } from 'node:timers/promises';
import type { LocalCluster, LocalNode } from '@raftkv/server/local-cluster';
import { throwGarbage } from './garbage.ts';
import type { Heal, Network } from './network.ts';
import type { Fault, FaultKind, Step, Target } from './plan.ts';
import { Random } from './random.ts';
import { seeSnapshot } from './snapshot-watch.ts';
import { tearTail } from './torn-tail.ts';

/** How long a snapshot may let itself be waited for. */
const SNAPSHOT_SEEN_MS = 3000;

/** What was counted: the kinds of the plan, and what shows only when it is done. */
export type Deed = FaultKind | 'torn tail';

export interface AttackOptions {
  readonly cluster: LocalCluster;
  readonly network: Network;
  readonly steps: readonly Step[];
  /** Nodes that are not there to be hurt: something is being done to them that takes them away, or they have not begun yet. */
  readonly away: Set<LocalNode>;
  /** Those among them that never come back. */
  readonly dead: ReadonlySet<LocalNode>;
  /** For what only shows as it happens, such as how a tail is torn. */
  readonly random: Random;
  /** Ends the attack early. */
  readonly signal: AbortSignal;
  onDeed(deed: Deed, what: string): void;
  /** Has leadership handed over, and looks to what comes of it; null: to the one that lacks least. */
  handOver(target: string | null): Promise<void>;
}

/** Resolves when all is done and undone: every node runs, and every proxy passes everything on. */
export async function attack(options: AttackOptions): Promise<void> {
  const { steps, signal } = options;
  const startMs = performance.now();
  const underWay: Promise<void>[] = [];
  const attacker = new Attacker(options);
  try {
    for (const { atMs, fault } of steps) {
      await setTimeout(Math.max(0, startMs + atMs - performance.now()), undefined, { signal });
      underWay.push(attacker.act(fault));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  const ends = await Promise.allSettled(underWay);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

class Attacker {
  private readonly options: AttackOptions;
  private readonly cluster: LocalCluster;
  private readonly network: Network;
  private readonly away: Set<LocalNode>;

  constructor(options: AttackOptions) {
    this.options = options;
    this.cluster = options.cluster;
    this.network = options.network;
    this.away = options.away;
  }

  act(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'kill':
        return this.kill(fault);
      case 'kill-at-snapshot':
        return this.killAtSnapshot(fault);
      case 'restart':
        return this.takeAway(fault, [fault.target], async ([node]) => {
          await node?.stop();
          await node?.start();
        });
      case 'pause':
        return this.takeAway(fault, [fault.target], ([node]) => this.pause(node, fault.forMs));
      case 'isolate':
        return this.takeAway(fault, [fault.target], ([node]) => this.isolate(node, fault.forMs));
      case 'stall-peers':
        return this.stallPeers(fault);
      case 'stall-clients':
        return this.stallClients(fault);
      case 'transfer': {
        const target = fault.target === null ? null : this.name(fault.target);
        this.tell(fault, target ?? 'whoever lacks least');
        return this.options.handOver(target);
      }
      case 'cut-peers':
        this.tell(fault, `${this.name(fault.from)} and ${this.name(fault.to)}`);
        this.network.cut(this.name(fault.from), this.name(fault.to), fault.portion);
        return Promise.resolve();
      case 'cut-clients':
        this.tell(fault, this.name(fault.target));
        this.network.clientProxy(this.name(fault.target)).cut(fault.portion);
        return Promise.resolve();
      case 'garbage':
        return this.throwGarbage(fault);
    }
  }

  private kill(fault: Extract<Fault, { kind: 'kill' }>): Promise<void> {
    return this.takeAway(fault, fault.targets, async (nodes) => {
      await Promise.all(nodes.map((node) => node.kill()));
      if (fault.tail === 'torn') for (const node of nodes) await this.tear(node);
      await setTimeout(fault.downMs);
      await Promise.all(nodes.map((node) => node.start()));
    });
  }

  /** Taken, sent, received and installed: wherever a snapshot is on its way, a file of it shows in a directory. */
  private async killAtSnapshot(fault: Extract<Fault, { kind: 'kill-at-snapshot' }>): Promise<void> {
    const there = this.cluster.nodes.filter((node) => !this.away.has(node));
    const directory = await seeSnapshot(
      there.map(({ dataDirectory }) => dataDirectory),
      fault.moment,
      SNAPSHOT_SEEN_MS,
    );
    if (directory === null) return;
    const holder = this.cluster.nodes.findIndex(({ dataDirectory }) => dataDirectory === directory);
    const target = fault.victim === 'leader' || holder < 0 ? 'leader' : holder;
    await this.takeAway(fault, [target], async ([node]) => {
      await node?.kill();
      await setTimeout(fault.downMs);
      await node?.start();
    });
  }

  private async tear({ name, dataDirectory }: LocalNode): Promise<void> {
    const tear = await tearTail(dataDirectory, this.options.random);
    if (tear !== null) this.options.onDeed('torn tail', `${name}: ${tear.file} at ${tear.offset}`);
  }

  private async pause(node: LocalNode | undefined, forMs: number): Promise<void> {
    if (node === undefined) return;
    node.pause();
    const heal = this.network.halveClients(node.name);
    await setTimeout(forMs);
    node.resume();
    heal();
  }

  private async isolate(node: LocalNode | undefined, forMs: number): Promise<void> {
    if (node === undefined) return;
    const heals = [this.network.isolate(node.name), this.network.halveClients(node.name)];
    await after(forMs, heals);
  }

  private async stallPeers(fault: Extract<Fault, { kind: 'stall-peers' }>): Promise<void> {
    const [from, to] = [this.name(fault.from), this.name(fault.to)];
    this.tell(fault, `${from} to ${to} for ${fault.forMs} ms`);
    await after(fault.forMs, [this.network.stall(from, to)]);
  }

  private async stallClients(fault: Extract<Fault, { kind: 'stall-clients' }>): Promise<void> {
    const name = this.name(fault.target);
    this.tell(fault, `${fault.direction} of ${name} for ${fault.forMs} ms`);
    const direction = fault.direction === 'requests' ? 'out' : 'in';
    await after(fault.forMs, [this.network.clientProxy(name).stall(direction)]);
  }

  private async throwGarbage(fault: Extract<Fault, { kind: 'garbage' }>): Promise<void> {
    const name = this.name(fault.target);
    this.tell(fault, `${fault.garbage} at the ${fault.port} port of ${name}`);
    const port = this.network.portOf(name, fault.port);
    await throwGarbage(port, fault.port, fault.garbage, new Random(fault.seed));
  }

  /**
   * Who is away already is left alone: whoever took it brings it back. Another one goes instead, if there is one; but a single
   * one stays while a minority is dead, or those who replace it would get nowhere.
   */
  private async takeAway(
    fault: Fault,
    targets: readonly Target[],
    act: (nodes: readonly LocalNode[]) => Promise<void>,
  ): Promise<void> {
    const members = this.cluster.nodes;
    const deadCount = members.filter((node) => this.options.dead.has(node)).length;
    if (targets.length === 1 && deadCount > 0 && deadCount >= Math.floor((members.length - 1) / 2)) return;
    const wanted = [...targets.map((target) => this.node(target)), ...members];
    const there = new Set(wanted.filter((node) => !this.away.has(node)));
    const nodes = [...there].slice(0, targets.length);
    if (nodes.length === 0) return;
    for (const node of nodes) {
      this.away.add(node);
      this.tell(fault, node.name);
    }
    try {
      await act(nodes);
    } finally {
      for (const node of nodes) this.away.delete(node);
    }
  }

  private tell({ kind }: Fault, what: string): void {
    this.options.onDeed(kind, what);
  }

  private name(target: Target): string {
    return this.node(target).name;
  }

  private node(target: Target): LocalNode {
    const { leader, nodes } = this.cluster;
    // Where nobody leads, anyone will do; where there are fewer than was planned for, numbers begin again.
    const node = target === 'leader' ? (leader ?? nodes[0]) : nodes[target % nodes.length];
    if (node === undefined) throw new Error(`there is no node ${target}`);
    return node;
  }
}

async function after(ms: number, heals: readonly Heal[]): Promise<void> {
  await setTimeout(ms);
  for (const heal of heals) heal();
}
