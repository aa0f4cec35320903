/**
 * Makes a plan that fails shorter, so that someone can follow it: fewer faults, clients, machines, less time. What is left
 * breaks the same promise. Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (2002).
 */

import type { StackPlan } from './plan.ts';

export interface ShortenOptions {
  /** The name of what a plan breaks; null where it breaks nothing. */
  run(plan: StackPlan): Promise<{ readonly name: string; readonly atMs: number } | null>;
  /** After so many runs what was found is good enough. */
  readonly runsMax: number;
}

/** A list of the plan of which parts can be left out. */
interface Part {
  count(plan: StackPlan): number;
  without(plan: StackPlan, from: number, count: number): StackPlan;
}

const PARTS: readonly Part[] = [
  {
    count: ({ cluster }) => cluster.faults.length,
    without: (plan, from, count) => ({
      ...plan,
      cluster: { ...plan.cluster, faults: cut(plan.cluster.faults, from, count) },
    }),
  },
  {
    count: ({ faults }) => faults.length,
    without: (plan, from, count) => ({ ...plan, faults: cut(plan.faults, from, count) }),
  },
  {
    count: ({ clients }) => clients.length,
    without: (plan, from, count) => ({ ...plan, clients: cut(plan.clients, from, count) }),
  },
  {
    // Who is lost stays a minority when fewer are.
    count: ({ cluster }) => cluster.lost.length,
    without: (plan, from, count) => ({
      ...plan,
      cluster: { ...plan.cluster, lost: kept(plan, cut(plan.cluster.lost, from, count)) },
    }),
  },
  {
    count: ({ cluster }) => Math.max(0, cluster.hosts.length - 1),
    without: withoutHosts,
  },
];

/** The shortest that was found; `plan` itself where it does not fail again. */
export async function shorten(plan: StackPlan, options: ShortenOptions): Promise<StackPlan> {
  const first = await options.run(plan);
  if (first === null) return plan;
  const search = new Search(options, first.name);
  let shortest = await search.inTime(plan, first.atMs);
  for (let before: StackPlan | null = null; before !== shortest && !search.isOver;) {
    before = shortest;
    for (const part of PARTS) shortest = await search.without(shortest, part);
    shortest = await search.withSimplerClients(shortest);
  }
  return shortest;
}

class Search {
  private readonly options: ShortenOptions;
  private readonly name: string;
  private runs = 1;

  constructor(options: ShortenOptions, name: string) {
    this.options = options;
    this.name = name;
  }

  get isOver(): boolean {
    return this.runs >= this.options.runsMax;
  }

  /** Nothing is needed of what came after. */
  async inTime(plan: StackPlan, atMs: number): Promise<StackPlan> {
    const safetyMs = Math.min(plan.cluster.safetyMs, Math.ceil(atMs) + 1);
    const faults = plan.faults.filter((fault) => fault.atMs < safetyMs);
    const clusterFaults = plan.cluster.faults.filter((fault) => fault.atMs < safetyMs);
    const tried = { ...plan, faults, cluster: { ...plan.cluster, faults: clusterFaults, safetyMs } };
    return (await this.fails(tried)) ? tried : plan;
  }

  /** By halves, quarters and so on; at last one by one. */
  async without(plan: StackPlan, part: Part): Promise<StackPlan> {
    let shortest = plan;
    for (let size = part.count(plan); size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < part.count(shortest);) {
        const tried = part.without(shortest, from, size);
        if (await this.fails(tried)) shortest = tried;
        else from += size;
      }
    }
    return shortest;
  }

  async withSimplerClients(plan: StackPlan): Promise<StackPlan> {
    let shortest = plan;
    for (const [at, client] of plan.clients.entries()) {
      if (client.hands === 1 && client.callsALife === 0) continue;
      const clients = shortest.clients.with(at, { ...client, hands: 1, callsALife: 0 });
      const tried = { ...shortest, clients };
      if (await this.fails(tried)) shortest = tried;
    }
    return shortest;
  }

  private async fails(plan: StackPlan): Promise<boolean> {
    if (this.isOver) return false;
    this.runs += 1;
    return (await this.options.run(plan))?.name === this.name;
  }
}

function cut<Item>(items: readonly Item[], from: number, count: number): readonly Item[] {
  return items.toSpliced(from, count);
}

/** Those whose disk is lost are never there again, whatever else is left out. */
function kept(plan: StackPlan, lost: StackPlan['cluster']['lost']): StackPlan['cluster']['lost'] {
  const { cluster, faults } = plan;
  const isOfDisk = ({ kind }: { readonly kind: string }): boolean => kind === 'wipe' || kind === 'damage';
  const robbed = new Set<string>();
  for (const fault of [...cluster.faults, ...faults]) {
    if (isOfDisk(fault) && 'target' in fault) robbed.add(fault.target);
  }
  return cluster.lost.filter((one) => robbed.has(one.id) || lost.includes(one));
}

/** The last ones go, the first stay. Not where too few would be left to remember. */
function withoutHosts(plan: StackPlan, from: number, count: number): StackPlan {
  const { cluster } = plan;
  const hosts = cut(cluster.hosts, from + 1, count);
  const isThere = (id: string): boolean => hosts.some((host) => host.id === id);
  const lost = cluster.lost.filter(({ id }) => isThere(id));
  if (lost.length * 2 >= hosts.length) return plan;
  const clusterFaults = cluster.faults.filter((fault) => fault.kind !== 'wipe' || isThere(fault.target));
  return { ...plan, cluster: { ...cluster, hosts, lost, faults: clusterFaults } };
}
