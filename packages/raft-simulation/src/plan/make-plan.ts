/** The plan of a seed: what kind of cluster, what happens to it, and what is asked of it. */

import type { CoreLimits } from '@raftkv/runtime';
import { CALM, type Weather } from '../network/weather.ts';
import { Chance } from '../world/chance.ts';
import type { Fault } from './fault.ts';
import { makeCoups, NO_COUPS } from './make-coups.ts';
import { makeFaults } from './make-faults.ts';
import { makeChanges } from './membership.ts';
import type { HostPlan, LostHost, Plan, RequestPlan } from './plan.ts';

/** What a seed does not decide. */
export interface PlanOptions {
  /** As many as the seed says unless given: from 1 to 5, mostly 3 or 5. */
  readonly hosts?: number;
  /** How long anything may fail; 10,000. */
  readonly safetyMs?: number;
  /** Are leaders that read by leases put out of office on purpose? True; in vain where the plan's requests are not made. */
  readonly hasCoups?: boolean;
  /** Whether members may come and go; `true`. */
  readonly membership?: boolean;
}

/** The ways of those that do not heal. Of three, one at the edge and the one that it hears would be a quorum. */
const FEW_LOST_WAYS = ['down', 'cut off', 'deaf', 'mute', 'stalled'] as const;
const LOST_WAYS = [...FEW_LOST_WAYS, 'at the edge', 'at the edge'] as const;

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

/**
 * The plan of `seed`.
 *
 * @throws {RangeError} if `seed` is no safe integer.
 */
export function makePlan(seed: number, options: PlanOptions = {}): Plan {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`a seed is a safe integer, not ${seed}`);
  const chance = new Chance(seed).fork('plan');
  const safetyMs = options.safetyMs ?? 10_000;
  const count = options.hosts ?? chance.pick([1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 5, 5]);
  const ids = NAMES.slice(0, count);
  const limits = makeLimits(chance.fork('limits'));
  const core = { ...limits, ...makeLease(chance.fork('lease'), limits) };
  const hosts = ids.map((id) => makeHost(id, chance.fork(`host ${id}`)));
  const weather = makeWeather(chance.fork('weather'));
  const made = forLeases(core, makeFaults(chance.fork('faults'), ids, safetyMs));
  const { hasCoups = true } = options;
  const coups = hasCoups ? makeCoups(chance.fork('coups'), ids, core, safetyMs) : NO_COUPS;
  const faults = together(made, coups.faults);
  const requests = [
    ...makeRequests(chance.fork('requests'), ids, safetyMs),
    ...makeFollowerReads(chance.fork('follower reads'), ids, safetyMs),
    ...makeBoundedReads(chance.fork('bounded reads'), ids, safetyMs),
    ...coups.requests,
  ].toSorted(byTime);
  const lost = makeLost(chance.fork('lost'), ids, faults);
  const plan = {
    seed,
    hosts,
    core: { ...core, ...makeSnapshotTimes(chance.fork('snapshot times')) },
    ...makeSnapshots(chance.fork('snapshots')),
    weather,
    safetyMs,
    faults,
    requests,
    lost,
  };
  return options.membership === false ? plan : withChanges(chance.fork('membership'), plan, coups.faults);
}

/** In some runs members come and go, and hosts wait to be members. */
function withChanges(chance: Chance, plan: Plan, coups: readonly Fault[]): Plan {
  if (!chance.chance(0.4)) return plan;
  const { hosts, core, safetyMs } = plan;
  const names = NAMES.slice(hosts.length, hosts.length + 1 + chance.below(4));
  const spares = names.map((id) => ({ ...makeHost(id, chance.fork(`host ${id}`)), isSpare: true }));
  const ids = [...hosts, ...spares].map(({ id }) => id);
  const made = withFewWipes(
    forLeases(core, makeFaults(chance.fork('faults'), ids, safetyMs)),
    hosts.map(({ id }) => id),
  );
  return {
    ...plan,
    hosts: [...hosts, ...spares],
    faults: together(made, coups),
    changes: makeChanges(chance.fork('changes'), ids, safetyMs),
    // How many voters there are in the end nobody knows: three may be, of which one at the edge would make a quorum. Nor is
    // it known who is emptied by then: who counts on them is not judged.
    lost: makeLost(chance.fork('lost'), ids, [], FEW_LOST_WAYS),
  };
}

/** Of the first members fewer than half are emptied, or those could begin another cluster. The others would begin none. */
function withFewWipes(faults: readonly Fault[], first: readonly string[]): readonly Fault[] {
  const wiped = faults.flatMap((fault) => (fault.kind === 'wipe' ? [fault.target] : []));
  const wipeable = wiped.filter((id) => first.includes(id)).slice(0, Math.floor((first.length - 1) / 2));
  return faults.filter(
    (fault) => fault.kind !== 'wipe' || !first.includes(fault.target) || wipeable.includes(fault.target),
  );
}

/** Small limits in most runs: windows fill, quotas refuse, peers fall behind. Short timeouts in many: more elections. */
function makeLimits(chance: Chance): CoreLimits {
  const times = chance.pick([
    { heartbeatMs: 100, electionTimeoutMinMs: 500, electionTimeoutMaxMs: 1000 },
    { heartbeatMs: 50, electionTimeoutMinMs: 150, electionTimeoutMaxMs: 300 },
    { heartbeatMs: 30, electionTimeoutMinMs: 90, electionTimeoutMaxMs: 180 },
  ]);
  return {
    ...times,
    tailEntriesMax: chance.pick([1, 3, 20, 1024]),
    tailBytesMax: chance.pick([1, 500, 1_000_000, 1_000_000]),
    appendBytesMax: chance.pick([1, 300, 1_000_000, 1_000_000]),
    inFlightAppendsMax: chance.pick([1, 2, 64]),
    inFlightBytesMax: chance.pick([1, 500, 1_000_000]),
    uncommittedBytesMax: chance.pick([1000, 1_000_000]),
    waitingReadsMax: chance.pick([3, 1000]),
    peerTailBytesMax: chance.pick([1000, 1_000_000]),
    // Of a fork: what is drawn beside it stays as it was.
    applyBytesMax: chance.fork('apply').pick([1, 500, 1_000_000]),
  };
}

/** In half of the runs logs are kept short, so that whoever was away for a while is sent a snapshot. */
function makeSnapshots(chance: Chance): Pick<Plan, 'snapshotLogBytes'> {
  if (chance.chance(0.5)) return {};
  return { snapshotLogBytes: chance.pick([1, 500, 3000, 20_000]) };
}

function makeSnapshotTimes(chance: Chance): CoreLimits {
  return {
    compactionWaitMaxMs: chance.pick([1, 300, 3000]),
    snapshotTimeoutMs: chance.pick([300, 3000, 30_000]),
  };
}

function byTime(one: { readonly atMs: number }, other: { readonly atMs: number }): number {
  return one.atMs - other.atMs;
}

/** How much faster the fastest clock of `makeHost` runs than the slowest is half of this, at the most. */
const DRIFT_SHARE = 0.25;

/** In some runs leaders read by leases, which last as long as may be, or hardly longer than two heartbeats. */
function makeLease(chance: Chance, { electionTimeoutMinMs = 500 }: CoreLimits): CoreLimits {
  if (!chance.chance(0.4)) return {};
  const leasePromiseMs = Math.ceil(electionTimeoutMinMs * chance.pick([1, 1, 0.7]));
  return { leasePromiseMs, clockDriftMaxMs: Math.ceil(leasePromiseMs * DRIFT_SHARE) };
}

/** Leases rest on clocks that do not run ahead. That they may stand still is what they have to cope with (R19). */
function forLeases({ leasePromiseMs }: CoreLimits, faults: readonly Fault[]): readonly Fault[] {
  return leasePromiseMs === undefined ? faults : faults.map(asSleep);
}

function together(some: readonly Fault[], others: readonly Fault[]): readonly Fault[] {
  return others.length === 0 ? some : [...some, ...others].toSorted(byTime);
}

function asSleep(fault: Fault): Fault {
  if (fault.kind !== 'jump') return fault;
  const { atMs, byMs, target } = fault;
  return { kind: 'sleep', atMs, forMs: 1 + (byMs % 3000), target };
}

function makeHost(id: string, chance: Chance): HostPlan {
  const rate = chance.pick([1, 1 + chance.below(41) / 1000 - 0.02, 1 + chance.below(101) / 1000 - 0.05]);
  return {
    id,
    clock: {
      startMs: chance.below(1_000_000),
      rate: Math.round(rate * 1000) / 1000,
      turnMs: chance.pick([
        [0, 0],
        [0, 0.2],
        [0, 3],
      ] as const),
    },
    disk: {
      syncMs: chance.pick([
        [0.1, 1],
        [0.1, 6],
        [5, 40],
      ] as const),
      readMs: chance.pick([
        [0.1, 0.5],
        [0, 20],
      ] as const),
      tailEntriesMax: chance.pick([1, 5, 1024]),
    },
    applyMs: chance.pick([
      [0, 0],
      [0, 0],
      [0, 20],
    ] as const),
  };
}

function makeWeather(chance: Chance): Weather {
  const isRough = chance.chance(0.6);
  return {
    ...CALM,
    delayMs: chance.pick([
      [0.1, 1],
      [0.2, 5],
      [2, 10],
    ] as const),
    slowShare: isRough ? chance.pick([0, 0.01, 0.1]) : 0,
    slowMs: chance.pick([
      [5, 300],
      [300, 3000],
    ] as const),
    lossShare: isRough ? chance.pick([0, 0.01, 0.1, 0.3]) : 0,
    duplicateShare: isRough ? chance.pick([0, 0.01, 0.2]) : 0,
    overtakeShare: isRough ? chance.pick([0, 0.1, 1]) : 0,
    noticeMs: chance.pick([
      [0.1, 1],
      [0, 100],
      [0, 2000],
    ] as const),
    unnoticedShare: chance.pick([0, 0, 0.3]),
    mistakenShare: chance.pick([0, 0, 0.3]),
  };
}

/** On all hosts, mostly on those that lead, at a pace that changes, with times of quiet. */
function makeRequests(chance: Chance, ids: readonly string[], safetyMs: number): RequestPlan[] {
  const requests: RequestPlan[] = [];
  const paceMs = chance.pick([20, 60, 200]);
  for (let atMs = chance.below(500); atMs < safetyMs; atMs += 1 + chance.below(paceMs)) {
    if (chance.chance(0.02)) atMs += chance.below(1000);
    // Seldom is there one that leads an earlier term: then it is asked more than anyone, else the leader is.
    const target = chance.pick(['leader', 'deposed', 'deposed', 'deposed', chance.pick(ids)]);
    requests.push({
      atMs,
      target,
      kind: chance.chance(target === 'deposed' ? 0.5 : 0.2) ? 'read' : 'propose',
      count: chance.pick([1, 1, 1, 2, 8]),
      bytes: chance.pick([8, 8, 200]),
    });
  }
  return requests;
}

/** In some runs nodes that do not lead are read from, too. */
function makeFollowerReads(chance: Chance, ids: readonly string[], safetyMs: number): RequestPlan[] {
  if (!chance.chance(0.4)) return [];
  const requests: RequestPlan[] = [];
  for (let atMs = chance.below(500); atMs < safetyMs; atMs += 1 + chance.below(80)) {
    requests.push({ atMs, target: chance.pick(ids), kind: 'follower-read', count: 1, bytes: 8 });
  }
  return requests;
}

/** In some, some of them may be stale. */
function makeBoundedReads(chance: Chance, ids: readonly string[], safetyMs: number): RequestPlan[] {
  if (!chance.chance(0.2)) return [];
  const requests: RequestPlan[] = [];
  const stalenesses = chance.pick([[20], [300], [5, 100, 1000]]);
  for (let atMs = chance.below(500); atMs < safetyMs; atMs += 1 + chance.below(80)) {
    const maxStalenessMs = chance.pick(stalenesses);
    requests.push({
      atMs,
      target: chance.pick(ids),
      kind: 'follower-read',
      count: 1,
      bytes: 8,
      maxStalenessMs,
    });
  }
  return requests;
}

/** A random quorum heals, the others stay lost. An emptied host counts as lost: it does not come back by itself (R28). */
function makeLost(
  chance: Chance,
  ids: readonly string[],
  faults: readonly Fault[],
  ways: readonly LostHost['how'][] = ids.length > 3 ? LOST_WAYS : FEW_LOST_WAYS,
): LostHost[] {
  const wiped = new Set<string>(faults.flatMap((fault) => (fault.kind === 'wipe' ? [fault.target] : [])));
  const lostMax = Math.floor((ids.length - 1) / 2);
  const others = chance
    .shuffle(ids.filter((id) => !wiped.has(id)))
    .slice(0, chance.below(lostMax - wiped.size + 1));
  return [
    ...ids
      .filter((id) => wiped.has(id))
      .map((id) => ({ id, how: chance.pick(['as it is', 'down'] as const) })),
    ...others.map((id) => ({ id, how: chance.pick(ways) })),
  ];
}
