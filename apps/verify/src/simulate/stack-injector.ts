/** Makes the faults happen that a plan has for connections of clients and for files. */

import { leaderOf, type SimulatedHost, type SimulatedNetwork, type World } from '@raftkv/simulation';
import type { ClientNetwork } from './client-network.ts';
import { urlOf } from './member-urls.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { StackFault } from './stack-fault.ts';

type Host = SimulatedHost<SimulatedDisk>;

export class StackInjector {
  /** How often each happened. */
  readonly happened: Map<string, number> = new Map<string, number>();
  private readonly world: World;
  private readonly network: SimulatedNetwork;
  private readonly hosts: readonly Host[];
  private readonly clients: ClientNetwork;
  /** How each fault under way ends that does not end by itself. */
  private readonly ends = new Set<() => void>();
  private isHealed = false;

  constructor(world: World, network: SimulatedNetwork, hosts: readonly Host[], clients: ClientNetwork) {
    this.world = world;
    this.network = network;
    this.hosts = hosts;
    this.clients = clients;
  }

  schedule(faults: readonly StackFault[]): void {
    for (const fault of faults) this.world.after(fault.atMs - this.world.nowMs, () => this.begin(fault));
  }

  /** Ends all faults, and lets none happen from now on. */
  heal(): void {
    this.isHealed = true;
    this.clients.heal();
    for (const { disk } of this.hosts) disk.heal();
    for (const end of this.ends) end();
    this.ends.clear();
  }

  private begin(fault: StackFault): void {
    if (this.isHealed) return;
    const host = this.find(fault.kind === 'estrangement' ? 'leader' : fault.target);
    // Nobody may lead; and a plan that was shortened may name one that is no more.
    if (host === null) return;
    const isDone = fault.kind === 'estrangement' ? this.estrange(host, fault) : this.inject(host, fault);
    if (!isDone) return;
    this.world.note(`${fault.kind} ${host.id}`);
    this.happened.set(fault.kind, (this.happened.get(fault.kind) ?? 0) + 1);
  }

  private find(target: string): Host | null {
    if (target === 'leader') return leaderOf(this.hosts);
    return this.hosts.find(({ id }) => id === target) ?? null;
  }

  private estrange(
    leader: Host,
    { companions, forMs }: Extract<StackFault, { kind: 'estrangement' }>,
  ): boolean {
    const others = this.hosts.filter((host) => host !== leader);
    const room = Math.ceil(this.hosts.length / 2) - 2;
    const chosen = companions
      .filter((id) => others.some((other) => other.id === id))
      .slice(0, Math.max(room, 0));
    const minority = [leader, ...others.filter(({ id }) => chosen.includes(id))];
    const links = minority.flatMap(({ id: one }) =>
      this.hosts.filter((host) => !minority.includes(host)).map(({ id: other }) => [one, other] as const),
    );
    for (const [one, other] of links) {
      this.network.cut(one, other);
      this.network.cut(other, one);
    }
    this.clients.close(urlOf(leader.id), forMs, { isSilent: false, share: 0.5, doesBreak: true });
    this.endLater(forMs, () => {
      for (const [one, other] of links) {
        this.network.heal(one, other);
        this.network.heal(other, one);
      }
    });
    return true;
  }

  private endLater(forMs: number, end: () => void): void {
    this.ends.add(end);
    this.world.after(forMs, () => {
      if (this.ends.delete(end)) end();
    });
  }

  private inject(host: Host, fault: Exclude<StackFault, { kind: 'estrangement' }>): boolean {
    const url = urlOf(host.id);
    switch (fault.kind) {
      case 'client-cut':
        this.clients.cut(url, fault.share);
        return true;
      case 'client-stall':
        this.clients.stall(url, fault.direction, fault.forMs);
        return true;
      case 'client-refusal':
        this.clients.close(url, fault.forMs, fault);
        return true;
      case 'slow-disk':
        host.disk.slow(fault.times);
        this.world.after(fault.forMs, () => host.disk.slow(1));
        return true;
      case 'full-disk':
        host.disk.fill(true);
        this.world.after(fault.forMs, () => host.disk.fill(false));
        return true;
      case 'damage':
        return damage(host);
    }
  }
}

/** Only where there is something to damage; the process is killed for that alone. */
function damage(host: Host): boolean {
  if (!host.disk.isLongLived) return false;
  host.crash();
  const isDone = host.disk.damage();
  host.start();
  return isDone;
}
