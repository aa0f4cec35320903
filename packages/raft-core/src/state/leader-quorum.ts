/** What the voters of a leader's configuration have reached, each half of a joint one. Source: Raft §5.3, §6. */

import type { NodeId } from '../basics/brands.ts';
import { halvesOf, type Configuration, type Member } from '../contract/configuration.ts';
import { quorumValue } from '../contract/quorum.ts';
import type { Progress } from './progress.ts';

/** The voters of one half, as places in `progress`; `SELF` stands for the leader. */
export type Places = readonly number[];

const SELF = -1;

/** What a quorum looks at. */
export interface Voting {
  /** One half, or two while joint. A leader outside the configuration is in none. */
  readonly halves: readonly Places[];
  readonly progress: readonly Progress[];
}

/** Where the voters of `configuration` stand in `progress`, which has all of them but the leader. */
export function placesOf(
  configuration: Configuration,
  progress: readonly Progress[],
  self: NodeId,
): readonly Places[] {
  const placeOf = ({ id }: Member) => (id === self ? SELF : progress.findIndex((one) => one.id === id));
  return halvesOf(configuration).map((half) => half.map(placeOf));
}

/**
 * The highest value that a majority of each half has reached; the leader, where it is a voter, has reached `own`, a peer
 * what `reached` says.
 */
export function quorumReached(
  { halves, progress }: Voting,
  own: number,
  reached: (progress: Progress) => number,
): number {
  let lowest = Infinity;
  for (const places of halves) {
    const values: number[] = [];
    for (const place of places) {
      const peer = place === SELF ? undefined : progress[place];
      values.push(peer === undefined ? own : reached(peer));
    }
    const value = quorumValue(values);
    if (value < lowest) lowest = value;
  }
  return lowest;
}
