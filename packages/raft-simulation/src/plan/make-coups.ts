/**
 * Attempts to have a second leader while the first still reads by its lease. Chance alone seldom does all that it takes: to
 * cut off the leader when its answers are late, to make the others campaign when their promises are just over or were
 * forgotten, to write with the new leader, and to read from the old one. Source: Diss. §6.4.1; R20.
 */

import type { CoreLimits } from '@raftkv/runtime';
import type { Chance } from '../world/chance.ts';
import type { Fault, Links } from './fault.ts';
import type { RequestPlan } from './plan.ts';

/** What befalls a cluster, and what is asked of it meanwhile. */
export interface Coups {
  readonly faults: readonly Fault[];
  readonly requests: readonly RequestPlan[];
}

export const NO_COUPS: Coups = { faults: [], requests: [] };

interface Setting {
  readonly chance: Chance;
  /** Whom the coup is against. It leads, or nothing comes of it. */
  readonly old: string;
  readonly others: readonly string[];
  readonly atMs: number;
  readonly heartbeatMs: number;
  readonly promiseMs: number;
  /** Others keep to a leader for so long after they heard it, whatever they promised. */
  readonly loyalMs: number;
}

const MAKERS = [lateAnswers, oneFaithful, restarts, sleep] as const;

/** Longer than what is under way takes to arrive, mostly. */
const ARRIVAL_MS = 15;

/** Milliseconds of the world in one of the slowest clock. */
const SLOWEST = 1.06;

/** How long the old leader is asked once somebody else may lead, at the least. */
const ASKED_MS = 150;
const READ_PACE_MS = 8;

/** Where leaders read by leases, one coup after another until `untilMs` in half of the plans. */
export function makeCoups(chance: Chance, ids: readonly string[], core: CoreLimits, untilMs: number): Coups {
  const { leasePromiseMs: promiseMs = 0, heartbeatMs = 100, electionTimeoutMinMs: loyalMs = 500 } = core;
  if (promiseMs === 0 || ids.length < 3 || !chance.chance(0.5)) return NO_COUPS;
  const coups: Coups[] = [];
  for (let atMs = 500 + chance.below(500); atMs < untilMs - 1000; atMs += 3 * loyalMs + chance.below(300)) {
    const [old = '', ...others] = chance.shuffle(ids);
    const maker = chance.pick(others.length < 4 ? MAKERS : [...MAKERS, oneFaithful]);
    coups.push(maker({ chance, old, others, atMs, heartbeatMs, promiseMs, loyalMs }));
  }
  return {
    faults: coups.flatMap(({ faults }) => faults),
    requests: coups.flatMap(({ requests }) => requests),
  };
}

/** The answers to the last heartbeat come when the promises in them are almost over. */
function lateAnswers({ chance, old, others, atMs, heartbeatMs, promiseMs, loyalMs }: Setting): Coups {
  const heardMs = atMs + heartbeatMs + chance.below(heartbeatMs);
  const lateMs = heardMs - atMs + Math.floor(promiseMs * (0.6 + chance.below(4) / 10));
  const [into, out] = [linksTo(old, others), linksFrom(old, others)];
  const overMs = heardMs + Math.ceil(loyalMs * SLOWEST) + ARRIVAL_MS + chance.below(20);
  const deafMs = atMs + lateMs + ARRIVAL_MS;
  return {
    faults: [
      { kind: 'clog', shape: 'late answers', atMs, forMs: lateMs, links: into },
      { kind: 'cut', shape: 'unheard', atMs: heardMs, forMs: 2 * loyalMs + 200, links: out },
      {
        kind: 'cut',
        shape: 'deaf',
        atMs: deafMs,
        forMs: 2 * loyalMs + 200 - (deafMs - heardMs),
        links: into,
      },
      ...[0, 80].map((laterMs) => campaignOf(others[0] ?? old, overMs + laterMs)),
    ],
    requests: asked(old, overMs, promiseMs),
  };
}

/** One of the others hears the old leader, and promises again and again; no quorum does. */
function oneFaithful({ chance, old, others, atMs, promiseMs, loyalMs }: Setting): Coups {
  const [faithful = '', ...faithless] = others;
  const links = [old, faithful].flatMap((one) => [...linksTo(one, faithless), ...linksFrom(one, faithless)]);
  // All of them have to agree on one, so only one asks; slow clocks let them wait a little longer.
  const overMs = atMs + Math.ceil(loyalMs * SLOWEST) + ARRIVAL_MS + chance.below(30);
  return {
    faults: [
      { kind: 'cut', shape: 'one faithful', atMs, forMs: 2 * loyalMs + 200, links },
      ...[0, 80].map((laterMs) => campaignOf(faithless[0] ?? old, overMs + laterMs)),
    ],
    requests: asked(old, overMs, promiseMs),
  };
}

/** The others start again, and do not remember when they promised what. */
function restarts({ chance, old, others, atMs, promiseMs }: Setting): Coups {
  const links = [...linksTo(old, others), ...linksFrom(old, others)];
  const backMs = atMs + 5 + chance.below(10);
  return {
    faults: [
      { kind: 'cut', shape: 'forgotten', atMs, forMs: 2 * promiseMs, links },
      ...others.map((target) => ({ kind: 'crash', atMs, forMs: backMs - atMs, target }) as const),
      ...[0, 15, 30, 50].flatMap((laterMs) => campaigns(chance, others, backMs + laterMs)),
    ],
    requests: asked(old, backMs + 10, promiseMs),
  };
}

/** The old leader sleeps, and wakes up without having noticed. */
function sleep({ chance, old, others, atMs, promiseMs, loyalMs }: Setting): Coups {
  const links = [...linksTo(old, others), ...linksFrom(old, others)];
  const overMs = atMs + loyalMs + chance.below(20);
  const awakeMs = overMs + 100 + chance.below(100);
  return {
    faults: [
      { kind: 'cut', shape: 'asleep', atMs, forMs: awakeMs - atMs + promiseMs, links },
      { kind: 'sleep', atMs: atMs + 1, forMs: awakeMs - atMs - 1, target: old },
      ...campaigns(chance, others, overMs),
    ],
    requests: asked(old, overMs, awakeMs - overMs + promiseMs),
  };
}

/** One after another, or they would split the votes. */
function campaigns(chance: Chance, ids: readonly string[], atMs: number): Fault[] {
  return chance.shuffle(ids).map((target, nth) => campaignOf(target, atMs + nth * 10));
}

function campaignOf(target: string, atMs: number): Fault {
  return { kind: 'campaign', atMs, target };
}

function asked(old: string, fromMs: number, promiseMs: number): RequestPlan[] {
  const requests: RequestPlan[] = [];
  for (let atMs = fromMs; atMs < fromMs + Math.max(ASKED_MS, promiseMs); atMs += READ_PACE_MS) {
    requests.push({ atMs, target: 'leader', kind: 'propose', count: 1, bytes: 8 });
    requests.push({ atMs: atMs + READ_PACE_MS / 2, target: old, kind: 'read', count: 1, bytes: 8 });
  }
  return requests;
}

function linksTo(one: string, others: readonly string[]): Links {
  return others.map((other) => [other, one] as const);
}

function linksFrom(one: string, others: readonly string[]): Links {
  return others.map((other) => [one, other] as const);
}
