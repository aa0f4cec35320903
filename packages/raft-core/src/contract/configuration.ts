/** Who takes part. Source: Raft §6; Diss. §4. */

import type { NodeId } from '../basics/brands.ts';

/** One voter, as the host describes it. */
export interface Member {
  /** Never that of another node, also once this one is removed. */
  readonly id: NodeId;
  /** Opaque to the core: the host's own record of the member, its address for one (R21). */
  readonly data: Uint8Array;
}

/** The voters of a cluster. It is the same for all members. */
export interface Configuration {
  readonly kind: 'simple';
  /** The order is the same on all members, and so is the order in which they are sent to. */
  readonly voters: readonly Member[];
}

export function isVoter(configuration: Configuration, id: NodeId): boolean {
  return configuration.voters.some((member) => member.id === id);
}

/** The voters but `id`. */
export function othersOf(configuration: Configuration, id: NodeId): NodeId[] {
  return configuration.voters.map((member) => member.id).filter((member) => member !== id);
}

/** The smallest number of voters of which any two such groups share one. Source: Raft §5.2. */
export function quorumSize(configuration: Configuration): number {
  return Math.floor(configuration.voters.length / 2) + 1;
}

/** The highest value that a quorum of `values`, one a voter, has reached. Clusters are small: no sorting. */
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
