/** Majorities as the paper has them, and not as the nodes under test compute them. Source: Raft §5.2, §6. */

import type { Configuration, IndexedConfiguration, NodeId, NodeState } from '@raftkv/core';

/** Do those of whom `holds` is true make a majority of each set of voters? */
export function isQuorum(configuration: Configuration, holds: (id: NodeId) => boolean): boolean {
  const sets =
    configuration.kind === 'joint'
      ? [configuration.incoming, configuration.outgoing]
      : [configuration.voters];
  return sets.every((voters) => voters.filter(({ id }) => holds(id)).length * 2 > voters.length);
}

/** All that have a vote, as words. */
export function votersIn(configuration: Configuration): string {
  if (configuration.kind === 'simple') return namesOf(configuration.voters);
  return `${namesOf(configuration.incoming)} and ${namesOf(configuration.outgoing)}`;
}

/** What of a node's log says who takes part. */
export interface ConfigurationLog {
  readonly base: Pick<NodeState['log']['base'], 'configuration'>;
  readonly configurations: readonly IndexedConfiguration[];
}

/** The last one that the log has, committed or not. Source: Raft §6. */
export function configurationInForce({ base, configurations }: ConfigurationLog): Configuration {
  return configurations.at(-1)?.configuration ?? base.configuration;
}

function namesOf(members: readonly { readonly id: NodeId }[]): string {
  return members.map(({ id }) => id).join();
}
