/** Who has to serve in the end, where members come and go: those of the configuration that there is when all has healed. */

import {
  committedConfigurationOf,
  configurationIndexOf,
  configurationOf,
  membersOf,
  type Configuration,
  type NodeId,
  type NodeState,
} from '@raftkv/core';
import type { CheckedHost } from '../check/cluster-checks.ts';
import { isQuorum } from '../check/quorum.ts';
import type { LostHost } from '../plan/plan.ts';

/** The last configuration that any of `hosts` knows to be committed, and the one in force there. */
export function lastConfigurations(hosts: readonly CheckedHost[]): readonly Configuration[] {
  let last: readonly Configuration[] = [];
  let highest = -1;
  for (const { running } of hosts) {
    const state = running?.node.coreState();
    if (state === undefined || state.commitIndex <= highest) continue;
    highest = state.commitIndex;
    last = [committedConfigurationOf(state), configurationOf(state)];
  }
  return last;
}

/** Those, and all that are in force anywhere and may yet be committed: whoever holds one has to win by it. */
export function possibleConfigurations(hosts: readonly CheckedHost[]): readonly Configuration[] {
  const states = hosts.flatMap(({ running }) => running?.node.coreState() ?? []);
  const committed = Math.max(0, ...states.map(committedConfigurationIndex));
  const later = states.filter((state) => configurationIndexOf(state) > committed).map(configurationOf);
  return [...lastConfigurations(hosts), ...later];
}

function committedConfigurationIndex({ commitIndex, log }: NodeState): number {
  return (
    log.configurations.findLast(({ index }) => index <= commitIndex)?.index ?? log.base.configurationIndex
  );
}

/** Members of all of them: whoever is on the way out, or in, owes nothing. */
export function membersOfAll(configurations: readonly Configuration[]): ReadonlySet<NodeId> {
  const [first, ...others] = configurations.map((one) => new Set(membersOf(one).map(({ id }) => id)));
  return new Set([...(first ?? [])].filter((id) => others.every((other) => other.has(id))));
}

/** As many of `lost`, from the first on, as those who stay can do without; those of `gone` are lost already. */
export function losable(
  lost: readonly LostHost[],
  configurations: readonly Configuration[],
  gone: readonly string[] = [],
): LostHost[] {
  const all = new Set<string>(gone);
  return lost.filter(({ id }) => {
    if (all.has(id)) return true;
    all.add(id);
    if (canServe(configurations, (other) => !all.has(other))) return true;
    all.delete(id);
    return false;
  });
}

/** Are those of whom `isThere` is true a quorum by each of `configurations`? */
export function canServe(
  configurations: readonly Configuration[],
  isThere: (id: NodeId) => boolean,
): boolean {
  return configurations.every((one) => isQuorum(one, isThere));
}
