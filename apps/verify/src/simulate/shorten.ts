/**
 * Makes a plan that fails shorter, so that someone can follow it: what befalls the cluster by the means of the simulation, and
 * then fewer clients and fewer faults of what only a stack has. What is left breaks the same promise.
 */

import { shrink, type Violation } from '@raftkv/simulation';
import type { StackPlan } from './plan.ts';

export interface ShortenOptions {
  /** What a plan breaks; null where it breaks nothing. */
  readonly run: (plan: StackPlan) => Promise<Violation | null>;
  /** After so many runs what was found is good enough. */
  readonly runsMax: number;
}

/** The shortest that was found; `plan` itself where it does not fail again. */
export async function shorten(plan: StackPlan, { run, runsMax }: ShortenOptions): Promise<StackPlan> {
  let runs = 0;
  const counted = (tried: StackPlan): Promise<Violation | null> => {
    runs += 1;
    return run(tried);
  };
  const first = await counted(plan);
  if (first === null) return plan;
  const fails = async (tried: StackPlan): Promise<boolean> =>
    runs < runsMax && (await counted(tried))?.name === first.name;
  // Most faults of the stack go first, at little cost: they make every later run longer.
  const plainer = await withoutParts(await withoutParts(plan, 'faults', fails), 'clients', fails);
  const shrunk = await shrink(plainer.cluster, {
    run: async (cluster) => ({ violation: await counted({ ...plainer, cluster }) }),
    runsMax: Math.max(runsMax - runs, 1),
  });
  const shorter = shrunk === null ? plainer : { ...plainer, cluster: shrunk.plan };
  return withSimplerClients(await withoutParts(shorter, 'faults', fails), fails);
}

/** Leaves out ever smaller parts of a list. Source: delta debugging, Zeller and Hildebrandt (2002). */
async function withoutParts(
  plan: StackPlan,
  list: 'faults' | 'clients',
  fails: (plan: StackPlan) => Promise<boolean>,
): Promise<StackPlan> {
  let shortest = plan;
  for (let size = plan[list].length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < shortest[list].length;) {
      const tried = { ...shortest, [list]: shortest[list].toSpliced(from, size) };
      if (await fails(tried)) shortest = tried;
      else from += size;
    }
  }
  return shortest;
}

async function withSimplerClients(
  plan: StackPlan,
  fails: (plan: StackPlan) => Promise<boolean>,
): Promise<StackPlan> {
  let shortest = plan;
  for (const [at, client] of plan.clients.entries()) {
    if (client.hands === 1 && client.callsALife === 0) continue;
    const clients = shortest.clients.with(at, { ...client, hands: 1, callsALife: 0 });
    const tried = { ...shortest, clients };
    if (await fails(tried)) shortest = tried;
  }
  return shortest;
}
