/** Makes the faults happen that a plan has for connections of clients and for files. */

import type { SimulatedHost, World } from '@raftkv/simulation';
import type { ClientNetwork } from './client-network.ts';
import { urlOf } from './member-urls.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import type { StackFault } from './stack-fault.ts';

type Host = SimulatedHost<SimulatedDisk>;

export class StackInjector {
  /** How often each happened. */
  readonly happened: Map<string, number> = new Map<string, number>();
  private readonly world: World;
  private readonly hosts: ReadonlyMap<string, Host>;
  private readonly clients: ClientNetwork;
  private isHealed = false;

  constructor(world: World, hosts: readonly Host[], clients: ClientNetwork) {
    this.world = world;
    this.hosts = new Map(hosts.map((host) => [host.id, host]));
    this.clients = clients;
  }

  schedule(faults: readonly StackFault[]): void {
    for (const fault of faults) {
      const host = this.hosts.get(fault.target);
      // A plan that was shortened may name one that is no more.
      if (host !== undefined) this.world.after(fault.atMs - this.world.nowMs, () => this.begin(host, fault));
    }
  }

  /** Ends all faults, and lets none happen from now on. */
  heal(): void {
    this.isHealed = true;
    this.clients.heal();
    for (const { disk } of this.hosts.values()) disk.heal();
  }

  private begin(host: Host, fault: StackFault): void {
    if (this.isHealed || !this.inject(host, fault)) return;
    this.world.note(`${fault.kind} ${host.id}`);
    this.happened.set(fault.kind, (this.happened.get(fault.kind) ?? 0) + 1);
  }

  private inject(host: Host, fault: StackFault): boolean {
    const url = urlOf(host.id);
    switch (fault.kind) {
      case 'client-cut':
        this.clients.cut(url, fault.share);
        return true;
      case 'client-stall':
        this.clients.stall(url, fault.direction, fault.forMs);
        return true;
      case 'client-refusal':
        this.clients.close(url, fault.forMs, fault.isSilent);
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
