/** Majorities, of every half of a configuration. Source: Raft §5.2, §6. */

import type { NodeId } from '../basics/brands.ts';
import { halvesOf, includesId, type Configuration } from './configuration.ts';

/** Is a majority of each half among `ids`, each named once? A half without voters has none. */
export function hasQuorum(configuration: Configuration, ids: readonly NodeId[]): boolean {
  return halvesOf(configuration).every((half) => {
    const count = ids.filter((id) => includesId(half, id)).length;
    return count * 2 > half.length;
  });
}

/** The highest value that a majority of `values`, one a voter, has reached. Clusters are small: no sorting. */
export function quorumValue(values: readonly number[]): number {
  let highest = -Infinity;
  for (const value of values) {
    if (value <= highest) continue;
    let reached = 0;
    for (const other of values) if (other >= value) reached += 1;
    if (reached * 2 > values.length) highest = value;
  }
  return highest;
}
