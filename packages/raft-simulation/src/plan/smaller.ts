/** Plans that are a little smaller than a plan: what a failing one is shortened by. */

import { CALM } from '../network/weather.ts';
import { STEADY_CLOCK } from '../process/host-clock.ts';
import { FAST_DISK } from '../disk/settings.ts';
import type { Fault, Links } from './fault.ts';
import type { ChangePlan } from './membership.ts';
import type { HostPlan, Plan } from './plan.ts';

/** The plan, if it ended soon after `atMs`: nothing of it happens later. */
export function endedAt<P extends Plan>(plan: P, atMs: number): P {
  const safetyMs = Math.min(plan.safetyMs, Math.ceil(atMs) + 1);
  const isBefore = (timed: { readonly atMs: number }): boolean => timed.atMs < safetyMs;
  return {
    ...plan,
    safetyMs,
    faults: plan.faults.filter(isBefore),
    requests: plan.requests.filter(isBefore),
    changes: changesOf(plan).filter(isBefore),
  };
}

/** The plan with one host less, for each of its hosts. */
export function withoutHosts<P extends Plan>(plan: P): P[] {
  return plan.hosts.map(({ id }) => withoutHost(plan, id)).toReversed();
}

/** The plan with less that is special about it, in one way each. */
export function plainer<P extends Plan>(plan: P): P[] {
  return [
    { ...plan, lost: [] },
    { ...plan, changes: [] },
    { ...plan, weather: CALM },
    { ...plan, core: timesOf(plan) },
    withHosts(plan, (host) => ({ ...host, clock: STEADY_CLOCK })),
    withHosts(plan, (host) => ({ ...host, disk: FAST_DISK })),
    withHosts(plan, (host) => ({ ...host, applyMs: [0, 0] })),
    { ...plan, requests: plan.requests.map((request) => ({ ...request, count: 1, bytes: 8 })) },
  ].filter((other) => !isEqual(plan, other));
}

/** The plan with half the time of one fault, for each that lasts. */
export function shorterFaults<P extends Plan>(plan: P): P[] {
  return plan.faults.flatMap((fault, at) => {
    if (!('forMs' in fault) || fault.forMs < 2) return [];
    return [{ ...plan, faults: plan.faults.with(at, { ...fault, forMs: Math.floor(fault.forMs / 2) }) }];
  });
}

function timesOf({ core }: Plan): Plan['core'] {
  const { heartbeatMs, electionTimeoutMinMs, electionTimeoutMaxMs } = core;
  return {
    ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    ...(electionTimeoutMinMs === undefined ? {} : { electionTimeoutMinMs }),
    ...(electionTimeoutMaxMs === undefined ? {} : { electionTimeoutMaxMs }),
  };
}

function withHosts<P extends Plan>(plan: P, change: (host: HostPlan) => HostPlan): P {
  return { ...plan, hosts: plan.hosts.map(change) };
}

function withoutHost<P extends Plan>(plan: P, id: string): P {
  return {
    ...plan,
    hosts: plan.hosts.filter((host) => host.id !== id),
    lost: plan.lost.filter((host) => host.id !== id),
    faults: plan.faults.flatMap((fault) => faultWithout(fault, id)),
    requests: plan.requests.filter(({ target }) => target !== id),
    changes: changesOf(plan).filter(({ target }) => target !== id),
  };
}

function faultWithout(fault: Fault, id: string): readonly Fault[] {
  switch (fault.kind) {
    case 'cut':
    case 'clog': {
      const links: Links = fault.links.filter((ends) => !ends.includes(id));
      return links.length === 0 ? [] : [{ ...fault, links }];
    }
    case 'weather':
      return [fault];
    case 'flap':
      return fault.target === id || fault.other === id ? [] : [fault];
    case 'transfer':
      return fault.target === id || fault.to === id ? [] : [fault];
    case 'isolate':
    case 'stall':
    case 'sync-failure':
    case 'crash':
    case 'pause':
    case 'wipe':
    case 'jump':
    case 'sleep':
    case 'campaign':
      return fault.target === id ? [] : [fault];
  }
}

function isEqual(one: Plan, other: Plan): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function changesOf({ changes = [] }: Plan): readonly ChangePlan[] {
  return changes;
}
