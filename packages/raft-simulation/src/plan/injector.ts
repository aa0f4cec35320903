/** Makes the faults of a plan happen, and ends them. */

import { nodeId, type NodeId } from '@raftkv/core';
import type { RaftError } from '@raftkv/runtime';
import type { SimulatedNetwork } from '../network/network.ts';
import type { SimulatedHost } from '../process/host.ts';
import type { Disk } from '../process/program.ts';
import type { World } from '../world/world.ts';
import { isRemembered, type EmptyingRule } from './emptying.ts';
import type { Fault, FaultKind, Links, Target } from './fault.ts';
import type { FaultyDisk } from './faulty-disk.ts';

/** Leadership of a node is to be handed over. What it gives is called once, when that has ended; `null` where it was done. */
export type TransferListener = (id: NodeId) => (error: RaftError | null) => void;

/** What an injector may be told. */
export interface InjectorOptions<D extends FaultyDisk> {
  /** Nobody listens unless given. */
  readonly onTransfer?: TransferListener;
  /** Whose disk may be emptied; whoever all others remember unless given. */
  readonly mayEmpty?: EmptyingRule<D>;
}

const NOTHING = (): void => {};

/** The faults of one run. */
export class Injector<D extends FaultyDisk> {
  private readonly world: World;
  private readonly network: SimulatedNetwork;
  private readonly hosts: readonly SimulatedHost<D>[];
  /** How each fault under way ends. */
  private readonly ends = new Set<() => void>();
  private readonly options: Required<InjectorOptions<D>>;
  private readonly counts = new Map<FaultKind, number>();
  private isHealed = false;

  constructor(
    world: World,
    network: SimulatedNetwork,
    hosts: readonly SimulatedHost<D>[],
    { onTransfer = () => NOTHING, mayEmpty = isRemembered }: InjectorOptions<D> = {},
  ) {
    this.world = world;
    this.network = network;
    this.hosts = hosts;
    this.options = { onTransfer, mayEmpty };
  }

  /** Faults that happened, by kind. */
  get happened(): ReadonlyMap<FaultKind, number> {
    return this.counts;
  }

  /** Each fault happens at its time, unless all was healed before. */
  schedule(faults: readonly Fault[]): void {
    for (const fault of faults) this.world.after(fault.atMs - this.world.nowMs, () => this.begin(fault));
  }

  /** Ends all faults, and lets none happen from now on. */
  heal(): void {
    this.isHealed = true;
    for (const end of this.ends) end();
    this.ends.clear();
  }

  private begin(fault: Fault): void {
    if (this.isHealed) return;
    const end = this.inject(fault);
    if (end === null) return;
    this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
    if (!('forMs' in fault) || end === NOTHING) return;
    this.ends.add(end);
    this.world.after(fault.forMs, () => {
      if (this.ends.delete(end)) end();
    });
  }

  /** Gives what ends the fault, or `null` where it could not happen. */
  private inject(fault: Fault): (() => void) | null {
    switch (fault.kind) {
      case 'cut':
        return this.cut(fault.links, fault.shape);
      case 'clog':
        return this.clog(fault.links, fault.shape);
      case 'weather':
        return this.worsen(fault);
      case 'isolate':
      case 'flap':
      case 'stall':
      case 'sync-failure':
      case 'crash':
      case 'pause':
      case 'wipe':
      case 'jump':
      case 'sleep':
      case 'campaign':
      case 'transfer': {
        const host = this.find(fault.target);
        return host === null ? null : this.harm(host, fault);
      }
    }
  }

  private harm(
    host: SimulatedHost<D>,
    fault: Exclude<Fault, { kind: 'cut' | 'clog' | 'weather' }>,
  ): (() => void) | null {
    switch (fault.kind) {
      case 'isolate':
        return this.cut(this.linksOf(host.id, fault.side), `isolate ${host.id}`);
      case 'flap':
        return this.flap(host, fault);
      case 'stall':
        this.world.note(`${host.id} disk stalls for ${fault.forMs}`);
        return host.disk.stall === undefined ? null : (host.disk.stall(fault.forMs), NOTHING);
      case 'sync-failure':
        this.world.note(`${host.id} next sync fails`);
        return host.disk.failNextSync === undefined ? null : (host.disk.failNextSync(), NOTHING);
      case 'crash':
      case 'wipe':
        return this.kill(host, fault.kind);
      case 'pause':
        if (host.isPaused || !host.isUp) return null;
        host.pause();
        return () => host.resume();
      case 'jump':
        this.world.note(`${host.id} clock jumps by ${fault.byMs}`);
        host.clock.jump(fault.byMs);
        return NOTHING;
      case 'sleep':
        return this.putToSleep(host);
      case 'campaign':
        if (host.running === null || host.isPaused) return null;
        host.running.node.campaign();
        return NOTHING;
      case 'transfer':
        return this.transfer(host, fault.to);
    }
  }

  private transfer(host: SimulatedHost<D>, to: string | null): (() => void) | null {
    if (host.running === null || host.isPaused) return null;
    this.world.note(`${host.id} hands over to ${to ?? 'anyone'}`);
    const target = to === null ? null : nodeId(to);
    const onEnd = this.options.onTransfer(host.id);
    host.running.node.transferLeadership(target).then(() => onEnd(null), onEnd);
    return NOTHING;
  }

  private putToSleep(host: SimulatedHost<D>): (() => void) | null {
    if (host.isPaused || !host.isUp) return null;
    const { life } = host;
    const sinceMs = this.world.nowMs;
    host.pause();
    return () => {
      // A machine that was started again meanwhile is awake.
      if (host.life === life) host.clock.fallBehind(this.world.nowMs - sinceMs);
      host.resume();
    };
  }

  private kill(host: SimulatedHost<D>, how: 'crash' | 'wipe'): (() => void) | null {
    if (!host.isUp && how === 'crash') return null;
    if (how === 'wipe' && !this.options.mayEmpty(host, this.hosts)) return null;
    host[how]();
    return () => host.start();
  }

  private flap(host: SimulatedHost<D>, fault: Extract<Fault, { kind: 'flap' }>): (() => void) | null {
    const other = this.find(fault.other);
    if (other === null || other === host) return null;
    this.network.flap(host.id, other.id, fault.words);
    return NOTHING;
  }

  private cut(links: Links, shape: string): () => void {
    this.world.note(`cut ${shape}`);
    const ends = this.endsOf(links);
    for (const [from, to] of ends) this.network.cut(from.id, to.id);
    return () => {
      this.world.note(`heal ${shape}`);
      for (const [from, to] of ends) this.network.heal(from.id, to.id);
    };
  }

  private clog(links: Links, shape: string): () => void {
    this.world.note(`clog ${shape}`);
    const ends = this.endsOf(links);
    for (const [from, to] of ends) this.network.clog(from.id, to.id);
    return () => {
      this.world.note(`unclog ${shape}`);
      for (const [from, to] of ends) this.network.unclog(from.id, to.id);
    };
  }

  private worsen({ weather }: Extract<Fault, { kind: 'weather' }>): () => void {
    this.world.note('weather');
    return this.network.worsen(weather);
  }

  /** A plan that was shortened may name hosts that are no more: their links are left out. */
  private endsOf(links: Links): (readonly [SimulatedHost<D>, SimulatedHost<D>])[] {
    return links.flatMap(([one, two]) => {
      const [from, to] = [this.find(one), this.find(two)];
      return from === null || to === null ? [] : [[from, to] as const];
    });
  }

  private linksOf(id: string, side: 'in' | 'out' | 'both'): Links {
    const others = this.hosts.map((host) => host.id).filter((other) => other !== id);
    const [into, out] = [
      others.map((other) => [other, id] as const),
      others.map((other) => [id, other] as const),
    ];
    if (side === 'both') return [...into, ...out];
    return side === 'in' ? into : out;
  }

  private find(target: Target): SimulatedHost<D> | null {
    if (target === 'leader') return leaderOf(this.hosts);
    if (target === 'writer') return this.hosts.find(({ disk }) => disk.isBusy === true) ?? null;
    return this.hosts.find((host) => host.id === target) ?? null;
  }
}

/** Whom a call that goes to `target` reaches; `null` where there is no such host. */
export function askedHost<D extends Disk>(
  hosts: readonly SimulatedHost<D>[],
  target: Target,
): SimulatedHost<D> | null {
  if (target === 'deposed') return deposedOf(hosts) ?? leaderOf(hosts);
  return target === 'leader' ? leaderOf(hosts) : (hosts.find(({ id }) => id === target) ?? null);
}

/** Who leads an earlier term still, if any. */
function deposedOf<D extends Disk>(hosts: readonly SimulatedHost<D>[]): SimulatedHost<D> | null {
  const leader = leaderOf(hosts);
  const isLeading = (host: SimulatedHost<D>) => host.running?.node.coreState().role.kind === 'leader';
  return hosts.find((host) => host !== leader && isLeading(host)) ?? null;
}

/** The leader of the highest term, if any. */
export function leaderOf<D extends Disk>(hosts: readonly SimulatedHost<D>[]): SimulatedHost<D> | null {
  let leader: SimulatedHost<D> | null = null;
  let highest = 0;
  for (const host of hosts) {
    const state = host.running?.node.coreState();
    if (state?.role.kind !== 'leader' || state.currentTerm <= highest) continue;
    leader = host;
    highest = state.currentTerm;
  }
  return leader;
}
