/** What a run consists of, as data: derived from a seed before it begins, so that it can be shortened, kept and run again. */

import { Chance, makePlan, type Fault, type Plan } from '@raftkv/simulation';
import type { FollowerReadPlan } from './follower-reads.ts';
import type { ClientManners } from './simulated-client.ts';
import type { StackFault } from './stack-fault.ts';

/** One run. Nothing else decides what happens in it. */
export interface StackPlan {
  /** The cluster and what befalls it; its seed is the run's. It is asked nothing but by clients. */
  readonly cluster: Plan;
  readonly clients: readonly ClientManners[];
  /** How many keys the clients share. */
  readonly keyCount: number;
  readonly storage: StorageSettings;
  readonly service: ServiceSettings;
  readonly faults: readonly StackFault[];
  /** In the order of their times; none unless given. */
  readonly followerReads?: readonly FollowerReadPlan[];
}

export interface StorageSettings {
  /** Few, so that logs go over many segments. */
  readonly segmentBytes: number;
  readonly sealAfterMs: number;
}

export interface ServiceSettings {
  readonly sessionTtlMs: number;
  /** On one connection. */
  readonly requestsUnderWayMax: number;
}

/** As in the cluster's faults: nothing at once, and then at a pace of its own. */
const PACES_MS = [100, 300, 1000] as const;

/** Windows below let through an entry or a few at a time. */
const NARROW_BYTES = 100_000;
const BACKLOG_BYTES_MAX = 10_000;

/** @throws {RangeError} if `seed` is no safe integer. */
export function makeStackPlan(seed: number): StackPlan {
  // The cluster is asked by clients alone: a coup would have nobody read from who was put out of office.
  const made = makePlan(seed, { hasCoups: false });
  const cluster = { ...made, core: withoutBacklog(made.core), requests: [] };
  const chance = new Chance(seed).fork('stack');
  const ids = cluster.hosts.map(({ id }) => id);
  const damaged = damagedOf(chance.fork('damage'), cluster);
  return {
    cluster: {
      ...cluster,
      faults: [...cluster.faults, ...makeStalls(chance.fork('stalls'), cluster)].toSorted(byTime),
      lost: [...cluster.lost, ...damaged.map((id) => ({ id, how: 'as it is' }) as const)],
    },
    clients: makeClients(chance),
    keyCount: chance.pick([1, 3, 8]),
    storage: { segmentBytes: chance.pick([4096, 8192, 32_768]), sealAfterMs: chance.pick([5, 100]) },
    service: {
      sessionTtlMs: chance.pick([300, 1500, 60_000]),
      requestsUnderWayMax: chance.pick([2, 64]),
    },
    faults: [
      ...makeFaults(chance.fork('faults'), ids, cluster.safetyMs),
      ...damaged.map((target) => ({ kind: 'damage', atMs: damageMs(chance, cluster), target }) as const),
      ...makeEstrangements(chance.fork('estrangements'), ids, cluster.safetyMs),
    ].toSorted(byTime),
    followerReads: makeFollowerReads(chance.fork('follower reads'), ids, cluster.safetyMs),
  };
}

function byTime(one: { readonly atMs: number }, other: { readonly atMs: number }): number {
  return one.atMs - other.atMs;
}

/** Of a leader that stays one: nobody's session may end for it (R39). */
function makeStalls(chance: Chance, { core, safetyMs }: Plan): Fault[] {
  const shortMs = core.electionTimeoutMinMs ?? 500;
  return Array.from({ length: chance.pick([0, 0, 6]) }, () => {
    const timed = { atMs: chance.below(safetyMs), target: 'leader' };
    const ms = Math.floor(shortMs / 4) + chance.below(shortMs);
    return chance.chance(0.5) ? { ...timed, kind: 'jump', byMs: ms } : { ...timed, kind: 'pause', forMs: ms };
  });
}

function makeEstrangements(chance: Chance, ids: readonly string[], untilMs: number): StackFault[] {
  const times = Array.from({ length: chance.pick([0, 2, 6]) }, () => chance.below(untilMs));
  return times.map((atMs) => {
    const companions = chance.shuffle(ids);
    return { kind: 'estrangement', atMs, forMs: 500 + chance.below(2000), companions };
  });
}

/** In some runs nodes that do not lead are read from, too, and some of these reads may be stale. */
function makeFollowerReads(chance: Chance, ids: readonly string[], untilMs: number): FollowerReadPlan[] {
  if (!chance.chance(0.3)) return [];
  const reads: FollowerReadPlan[] = [];
  const paceMs = chance.pick([40, 200]);
  for (let atMs = chance.below(500); atMs < untilMs; atMs += 1 + chance.below(paceMs)) {
    const maxStalenessMs = chance.pick([0, 20, 300]);
    reads.push({ atMs, target: chance.pick(ids), pick: chance.below(8), maxStalenessMs });
  }
  return reads;
}

/** Do entries go to a peer one by one, or a few at a time? */
export function isNarrow(core: Plan['core']): boolean {
  const { appendBytesMax = Infinity, inFlightBytesMax = Infinity, inFlightAppendsMax = Infinity } = core;
  return Math.min(appendBytesMax, inFlightBytesMax) < NARROW_BYTES || inFlightAppendsMax === 1;
}

/** Where entries go one by one, clients that time out could leave more behind them than is written within a minute. */
function withoutBacklog(core: Plan['core']): Plan['core'] {
  if (!isNarrow(core)) return core;
  return { ...core, uncommittedBytesMax: Math.min(core.uncommittedBytesMax ?? Infinity, BACKLOG_BYTES_MAX) };
}

/** In some runs one of them looks all the time, at whoever it is with: it would see a leader that is none any more. */
function makeClients(chance: Chance): ClientManners[] {
  const clients = Array.from({ length: 2 + chance.below(4) }, () => makeClient(chance));
  return chance.chance(0.3) ? [...clients, WATCHER] : clients;
}

const WATCHER: ClientManners = {
  readShare: 1,
  timeoutsMs: [1000],
  thinkMs: 20,
  hands: 2,
  callsALife: 0,
  offlineWaitMs: 1000,
  silenceMs: 3000,
};

function makeClient(chance: Chance): ClientManners {
  return {
    readShare: chance.pick([0, 0, 0.9]),
    timeoutsMs: chance.pick([
      [40, 150],
      [100, 500, 2000],
      [1000, 4000],
    ]),
    thinkMs: chance.pick([5, 40, 200]),
    hands: chance.pick([1, 1, 2, 4]),
    callsALife: chance.pick([0, 0, 10, 40]),
    offlineWaitMs: chance.pick([100, 1000]),
    silenceMs: chance.pick([200, 1000, 3000]),
  };
}

/** Never so many, with those that are lost anyhow, that no quorum would remember. */
function damagedOf(chance: Chance, { hosts, lost }: Plan): readonly string[] {
  const lostMax = Math.floor((hosts.length - 1) / 2);
  const left = lostMax - lost.length;
  if (left <= 0 || !chance.chance(0.2)) return [];
  const whole = hosts.map(({ id }) => id).filter((id) => lost.every((one) => one.id !== id));
  return chance.shuffle(whole).slice(0, 1 + chance.below(left));
}

function damageMs(chance: Chance, { safetyMs }: Plan): number {
  return Math.floor(safetyMs / 2) + chance.below(Math.ceil(safetyMs / 2));
}

function makeFaults(chance: Chance, ids: readonly string[], untilMs: number): StackFault[] {
  const paceMs = chance.pick(PACES_MS);
  const faults: StackFault[] = [];
  for (let atMs = chance.below(1000); atMs < untilMs; atMs += 10 + chance.below(2 * paceMs)) {
    faults.push(makeFault(chance, atMs, chance.pick(['leader', chance.pick(ids)])));
  }
  return faults;
}

function makeFault(chance: Chance, atMs: number, target: string): StackFault {
  const forMs = 10 + chance.below(chance.pick([100, 500, 3000]));
  switch (chance.pick(['cut', 'cut', 'stall', 'refusal', 'slow', 'full'] as const)) {
    case 'cut':
      return { kind: 'client-cut', atMs, target, share: chance.pick([0.3, 1]) };
    case 'stall':
      return { kind: 'client-stall', atMs, target, forMs, direction: chance.pick(['requests', 'answers']) };
    case 'refusal':
      return {
        kind: 'client-refusal',
        atMs,
        target,
        forMs,
        isSilent: chance.chance(0.5),
        share: chance.pick([0.5, 1]),
        doesBreak: chance.chance(0.3),
      };
    case 'slow':
      return { kind: 'slow-disk', atMs, target, forMs, times: chance.pick([3, 20]) };
    case 'full':
      return { kind: 'full-disk', atMs, target, forMs };
  }
}
