/** The faults of a seed: each seed has kinds of its own that it likes, so that some runs are all of one kind. */

import type { Chance } from '../world/chance.ts';
import type { Fault, Links, Word } from './fault.ts';

interface Setting {
  readonly chance: Chance;
  readonly ids: readonly string[];
  readonly atMs: number;
}

type Maker = (setting: Setting) => readonly Fault[];

const MAKERS: readonly Maker[] = [
  halves,
  bridge,
  oneWay,
  scattered,
  isolate,
  usurp,
  swizzle,
  clog,
  flap,
  flap,
  weather,
  stall,
  syncFailure,
  crash,
  crash,
  crashAll,
  pause,
  jump,
  campaign,
];

/** The faults of a plan, for hosts `ids`, until `untilMs`. */
export function makeFaults(chance: Chance, ids: readonly string[], untilMs: number): Fault[] {
  const hand = chance.fork('transfers');
  const faults: Fault[] = [];
  const liked = chance.shuffle(MAKERS).slice(0, chance.pick([2, 4, 8, MAKERS.length]));
  const paceMs = chance.pick([150, 400, 1000]);
  for (let atMs = chance.below(1000); atMs < untilMs; atMs += 10 + chance.below(2 * paceMs)) {
    faults.push(...chance.pick(liked)({ chance, ids, atMs }));
  }
  return [...faults, ...wipes(chance, ids, untilMs), ...transfers(hand, ids, untilMs)].toSorted(
    (one, other) => one.atMs - other.atMs,
  );
}

/** In some runs leadership is handed over now and then, also to the leader itself, or by who does not lead. */
function transfers(chance: Chance, ids: readonly string[], untilMs: number): Fault[] {
  if (!chance.chance(0.4)) return [];
  const faults: Fault[] = [];
  const paceMs = chance.pick([100, 400, 1500]);
  for (let atMs = chance.below(1000); atMs < untilMs; atMs += 10 + chance.below(2 * paceMs)) {
    const target = chance.pick(['leader', 'leader', 'leader', chance.pick(ids)]);
    faults.push({ kind: 'transfer', atMs, target, to: chance.pick([null, null, chance.pick(ids)]) });
  }
  return faults;
}

/** Seldom, and never so many that no quorum would remember. */
function wipes(chance: Chance, ids: readonly string[], untilMs: number): Fault[] {
  const countMax = Math.floor((ids.length - 1) / 2);
  if (countMax === 0 || !chance.chance(0.25)) return [];
  return chance
    .shuffle(ids)
    .slice(0, 1 + chance.below(countMax))
    .map((target) => ({ kind: 'wipe', atMs: chance.below(untilMs), forMs: chance.below(1000), target }));
}

function halves({ chance, ids, atMs }: Setting): readonly Fault[] {
  const one = ids.filter(() => chance.chance(0.5));
  const other = ids.filter((id) => !one.includes(id));
  return [cutOf(chance, atMs, 'halves', [...between(one, other), ...between(other, one)])];
}

/** Two sides that do not hear each other, and one host that hears both. */
function bridge({ chance, ids, atMs }: Setting): readonly Fault[] {
  const [, ...ends] = chance.shuffle(ids);
  const one = ends.slice(0, Math.ceil(ends.length / 2));
  const other = ends.slice(one.length);
  return [cutOf(chance, atMs, 'bridge', [...between(one, other), ...between(other, one)])];
}

/** One side is heard by the other, and does not hear it. */
function oneWay({ chance, ids, atMs }: Setting): readonly Fault[] {
  const one = ids.filter(() => chance.chance(0.5));
  return [
    cutOf(
      chance,
      atMs,
      'one way',
      between(
        one,
        ids.filter((id) => !one.includes(id)),
      ),
    ),
  ];
}

function scattered({ chance, ids, atMs }: Setting): readonly Fault[] {
  return [
    cutOf(
      chance,
      atMs,
      'scattered',
      between(ids, ids).filter(() => chance.chance(0.3)),
    ),
  ];
}

function isolate({ chance, ids, atMs }: Setting): readonly Fault[] {
  const side = chance.pick(['in', 'out', 'both'] as const);
  return [{ kind: 'isolate', atMs, forMs: longer(chance), target: anyone(chance, ids), side }];
}

/** The leader is cut off and believed gone: another is elected while it is still in office. */
function usurp({ chance, ids, atMs }: Setting): readonly Fault[] {
  const side = chance.pick(['out', 'both', 'both'] as const);
  const flaps = ids.map((other): Fault => {
    const words = [null, { afterMs: chance.below(5), processGone: true }] as const;
    return { kind: 'flap', atMs, target: 'leader', other, words };
  });
  return [{ kind: 'isolate', atMs, forMs: 100 + longer(chance), target: 'leader', side }, ...flaps];
}

/** All links of some hosts are clogged one by one, and unclogged in another order. */
function swizzle({ chance, ids, atMs }: Setting): readonly Fault[] {
  const chosen = ids.filter(() => chance.chance(0.5));
  const links = chance.shuffle(between(ids, ids).filter((ends) => ends.some((end) => chosen.includes(end))));
  const stepMs = 1 + chance.below(60);
  const endMs = links.length * stepMs + chance.below(500);
  const order = chance.shuffle([...links.keys()]);
  return links.map((link, at) => ({
    kind: 'clog',
    shape: 'swizzle',
    atMs: atMs + at * stepMs,
    forMs: endMs - at * stepMs + (order[at] ?? 0) * stepMs,
    links: [link],
  }));
}

function clog({ chance, ids, atMs }: Setting): readonly Fault[] {
  const links = between(ids, ids).filter(() => chance.chance(0.15));
  return [{ kind: 'clog', shape: 'scattered', atMs, forMs: longer(chance), links }];
}

function flap({ chance, ids, atMs }: Setting): readonly Fault[] {
  const word = (): Word => {
    if (chance.chance(0.3)) return null;
    return { afterMs: chance.below(chance.pick([2, 100, 1500])), processGone: chance.chance(0.3) };
  };
  return [
    { kind: 'flap', atMs, target: anyone(chance, ids), other: chance.pick(ids), words: [word(), word()] },
  ];
}

function weather({ chance, atMs }: Setting): readonly Fault[] {
  const worse = chance.pick([
    { lossShare: 0.5 },
    { slowShare: 0.3, slowMs: [20, 600] as const },
    { overtakeShare: 1, delayMs: [0.1, 80] as const },
    { duplicateShare: 0.5, overtakeShare: 0.5 },
  ]);
  return [{ kind: 'weather', atMs, forMs: longer(chance), weather: worse }];
}

function stall({ chance, ids, atMs }: Setting): readonly Fault[] {
  return [{ kind: 'stall', atMs, forMs: 20 + chance.below(1500), target: anyone(chance, ids) }];
}

function syncFailure({ chance, ids, atMs }: Setting): readonly Fault[] {
  return [{ kind: 'sync-failure', atMs, target: anyone(chance, ids) }];
}

function crash({ chance, ids, atMs }: Setting): readonly Fault[] {
  return [{ kind: 'crash', atMs, forMs: downtime(chance), target: anyone(chance, ids) }];
}

/** As when the power fails; they come back one after another. */
function crashAll({ chance, ids, atMs }: Setting): readonly Fault[] {
  const share = chance.pick([1, 1, 0.6]);
  return ids
    .filter(() => chance.chance(share))
    .map((target) => ({ kind: 'crash', atMs: atMs + chance.below(3), forMs: downtime(chance), target }));
}

function pause({ chance, ids, atMs }: Setting): readonly Fault[] {
  return [{ kind: 'pause', atMs, forMs: downtime(chance), target: anyone(chance, ids) }];
}

function jump({ chance, ids, atMs }: Setting): readonly Fault[] {
  return [
    { kind: 'jump', atMs, byMs: chance.below(chance.pick([50, 1000, 100_000])), target: anyone(chance, ids) },
  ];
}

function campaign({ chance, ids, atMs }: Setting): readonly Fault[] {
  return [{ kind: 'campaign', atMs, target: chance.pick(ids) }];
}

function cutOf(chance: Chance, atMs: number, shape: string, links: Links): Fault {
  return { kind: 'cut', shape, atMs, forMs: longer(chance), links };
}

function between(one: readonly string[], other: readonly string[]): Links {
  return one.flatMap((from) => other.filter((to) => to !== from).map((to) => [from, to] as const));
}

function anyone(chance: Chance, ids: readonly string[]): string {
  return chance.pick(['leader', 'leader', 'writer', chance.pick(ids), chance.pick(ids)]);
}

function longer(chance: Chance): number {
  return 20 + chance.below(chance.pick([200, 1000, 3000]));
}

function downtime(chance: Chance): number {
  return 5 + chance.below(chance.pick([50, 500, 2500]));
}
