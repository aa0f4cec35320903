/** Which changes of membership are made in a round: from a seed, before the round begins. */

import { Random } from './random.ts';

/** How new voters come, or old ones go: each by a change of its own, or all by one. */
export type Pace = 'one-by-one' | 'at-once';

/** What an operator wants. */
export type Change =
  /** Two more nodes: learners first, then voters. */
  | { readonly kind: 'grow'; readonly pace: Pace }
  /** Two of the nodes go; the leader among them, if `withLeader`. */
  | { readonly kind: 'shrink'; readonly pace: Pace; readonly withLeader: boolean }
  /** One that is `dead` was killed and never comes back. Another one takes its place. */
  | { readonly kind: 'replace'; readonly victim: 'dead' | 'leader' | 'any'; readonly pace: Pace };

export interface PlannedChange {
  /** Since the change before it was done, or since the round began. */
  readonly afterMs: number;
  readonly change: Change;
}

/** Of the sizes between which clusters go back and forth, the smaller one. */
const SMALL = 3;
/** Of every other round; those between have some whatever the seed, so that a few rounds see what there is to see. */
const ROUNDS_WITH_CHANGES = 0.5;
const CHANGES_MAX = 3;
const AFTER_MS = [200, 2500] as const;

/** The same for the same arguments. One of three nodes grows to five, one of five shrinks to three. */
export function planChanges(seed: number, round: number, nodeCount: number): readonly PlannedChange[] {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(round, 0xc2b2ae35) ^ ~nodeCount);
  const hasChanges = random.isBelow(ROUNDS_WITH_CHANGES);
  if (round % 2 === 0 && !hasChanges) return [];
  const planned: PlannedChange[] = [];
  let isSmall = nodeCount <= SMALL;
  for (let count = random.between(1, CHANGES_MAX + 1); count > 0; count -= 1) {
    const change = changeOf(random, isSmall);
    if (change.kind !== 'replace') isSmall = !isSmall;
    planned.push({ afterMs: random.between(...AFTER_MS), change });
  }
  return planned;
}

function changeOf(random: Random, isSmall: boolean): Change {
  const pace = random.pick(['one-by-one', 'at-once'] as const);
  if (random.isBelow(0.5)) {
    return { kind: 'replace', victim: random.pick(['dead', 'dead', 'leader', 'any'] as const), pace };
  }
  return isSmall ? { kind: 'grow', pace } : { kind: 'shrink', pace, withLeader: random.isBelow(0.5) };
}
