/** What is done to the cluster in a round, and when: from a seed, before the round begins. */

import { GARBAGE, type Garbage } from './garbage.ts';
import { Random } from './random.ts';
import type { SnapshotMoment } from './snapshot-watch.ts';

/** The node with this number among those that there are then, in the order in which they came; or whichever leads. */
export type Target = number | 'leader';

export type Fault =
  /** `kill -9`; all of them start again after `downMs`, after a crash had torn what they wrote last if the tail is `torn`. */
  | {
      readonly kind: 'kill';
      readonly targets: readonly Target[];
      readonly downMs: number;
      readonly tail: 'whole' | 'torn';
    }
  /** `kill -9` of whoever has a snapshot at that moment, or of the leader, as soon as there is one; nobody where none comes. */
  | {
      readonly kind: 'kill-at-snapshot';
      readonly moment: SnapshotMoment;
      readonly victim: 'holder' | 'leader';
      readonly downMs: number;
    }
  /** Told to end in good order, and started again. */
  | { readonly kind: 'restart'; readonly target: Target }
  /** Nothing of it runs. Half of its clients are cut off and see how the others go on. */
  | { readonly kind: 'pause'; readonly target: Target; readonly forMs: number }
  /** Neither hears nor is heard by any peer; half of its clients are cut off, the others stay. */
  | { readonly kind: 'isolate'; readonly target: Target; readonly forMs: number }
  /** What `from` says does not reach `to`. */
  | { readonly kind: 'stall-peers'; readonly from: number; readonly to: number; readonly forMs: number }
  | {
      readonly kind: 'stall-clients';
      readonly target: Target;
      readonly direction: 'requests' | 'answers';
      readonly forMs: number;
    }
  /** Leadership is to be handed over; null: to the one that lacks least. */
  | { readonly kind: 'transfer'; readonly target: Target | null }
  /** The connection breaks within what is sent next, of which `portion` arrives. */
  | { readonly kind: 'cut-peers'; readonly from: number; readonly to: number; readonly portion: number }
  | { readonly kind: 'cut-clients'; readonly target: Target; readonly portion: number }
  | {
      readonly kind: 'garbage';
      readonly target: number;
      readonly port: 'peer' | 'client';
      readonly garbage: Garbage;
      readonly seed: number;
    };

export type FaultKind = Fault['kind'];

export interface Step {
  /** Since the round began. */
  readonly atMs: number;
  readonly fault: Fault;
}

/** Faults begin this often, from and to. */
const GAP_MS = [40, 450] as const;
/** Clients have something to lose by then. */
const FIRST_MS = 300;

/** How often each is chosen, in relation to the others. */
const WEIGHTS = [
  ['kill', 5],
  ['kill-many', 1],
  ['kill-at-snapshot', 4],
  ['restart', 1],
  ['pause', 4],
  ['isolate', 5],
  ['stall-peers', 4],
  ['stall-clients', 3],
  ['transfer', 3],
  ['cut-peers', 4],
  ['cut-clients', 7],
  ['garbage', 6],
] as const;
type Choice = (typeof WEIGHTS)[number][0];
const CHOICES = WEIGHTS.flatMap(([choice, weight]) => Array.from({ length: weight }, (): Choice => choice));
/** A node that is hit by one of these takes no part for a while. */
const DISABLING: readonly Choice[] = ['kill', 'kill-many', 'kill-at-snapshot', 'restart', 'pause', 'isolate'];

/** The same for the same arguments. */
export function planRound(seed: number, round: number, nodeCount: number, roundMs: number): readonly Step[] {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(round, 0x85ebca6b) ^ nodeCount);
  const minority = Math.floor((nodeCount - 1) / 2);
  const steps: Step[] = [];
  /** When each node that takes no part does so again, as far as that is planned. */
  let disabledUntil: number[] = [];
  for (let atMs = FIRST_MS; atMs < roundMs; atMs += random.between(...GAP_MS)) {
    disabledUntil = disabledUntil.filter((untilMs) => untilMs > atMs);
    const choice = random.pick(CHOICES);
    // With more than a minority away nothing goes on; where many are killed that is what is asked for.
    const awayMax = choice === 'kill-many' ? 0 : minority - 1;
    if (DISABLING.includes(choice) && disabledUntil.length > awayMax) continue;
    const fault = faultOf(choice, random, nodeCount);
    steps.push({ atMs, fault });
    if (!DISABLING.includes(choice)) continue;
    const hit = fault.kind === 'kill' ? fault.targets.length : 1;
    disabledUntil.push(...Array.from({ length: hit }, () => atMs + durationMs(fault)));
  }
  return steps;
}

/** Where it is not over with the act itself, an estimate: a start takes its time. */
function durationMs(fault: Fault): number {
  const startMs = 600;
  if ('downMs' in fault) return fault.downMs + startMs;
  return 'forMs' in fault ? fault.forMs : startMs;
}

function faultOf(choice: Choice, random: Random, nodeCount: number): Fault {
  const numbers = Array.from({ length: nodeCount }, (_, number) => number);
  const target: Target = random.isBelow(0.6) ? 'leader' : random.pick(numbers);
  const [from = 0, to = 0] = random.shuffled(numbers);
  const portion = random.next();
  switch (choice) {
    case 'kill':
      return killed([target], random);
    case 'kill-many': {
      const majority = Math.floor(nodeCount / 2) + 1;
      return killed(random.shuffled(numbers).slice(0, random.isBelow(0.5) ? nodeCount : majority), random);
    }
    case 'kill-at-snapshot': {
      const moment = random.pick(['writing', 'named'] as const);
      const victim = random.pick(['holder', 'holder', 'leader'] as const);
      return { kind: 'kill-at-snapshot', moment, victim, downMs: random.between(0, 1500) };
    }
    case 'restart':
      return { kind: 'restart', target };
    case 'pause':
      return { kind: 'pause', target, forMs: random.between(100, 2500) };
    case 'isolate':
      return { kind: 'isolate', target, forMs: random.between(700, 2500) };
    case 'stall-peers':
      return { kind: 'stall-peers', from, to, forMs: random.between(200, 2500) };
    case 'stall-clients': {
      const direction = random.pick(['requests', 'answers'] as const);
      return { kind: 'stall-clients', target, direction, forMs: random.between(200, 1500) };
    }
    case 'transfer':
      return { kind: 'transfer', target: random.isBelow(0.3) ? null : from };
    case 'cut-peers':
      return { kind: 'cut-peers', from, to, portion };
    case 'cut-clients':
      return { kind: 'cut-clients', target, portion };
    case 'garbage': {
      const port = random.pick(['peer', 'client'] as const);
      return {
        kind: 'garbage',
        target: from,
        port,
        garbage: random.pick(GARBAGE),
        seed: random.between(0, 2 ** 31),
      };
    }
  }
}

function killed(targets: readonly Target[], random: Random): Fault {
  return {
    kind: 'kill',
    targets,
    downMs: random.between(0, 1500),
    tail: random.isBelow(0.5) ? 'torn' : 'whole',
  };
}
