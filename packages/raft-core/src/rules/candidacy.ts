/** Who campaigns. Source: Raft §6; R24. */

import { isVoter } from '../contract/configuration.ts';
import {
  committedConfigurationOf,
  configurationOf,
  isRemovedForGood,
  type NodeState,
} from '../state/node-state.ts';

/**
 * A voter of the configuration in force, or of the last known to be committed: the one in force may be lost with its
 * leader, and whoever fell silent for it would be missing to those who have to do without (R24).
 */
export function mayCampaign(state: NodeState): boolean {
  const { id } = state.options;
  const inForce = configurationOf(state);
  const committed = committedConfigurationOf(state);
  // Mostly they are one and the same.
  const isVoting = isVoter(inForce, id) || (committed !== inForce && isVoter(committed, id));
  return isVoting && !isRemovedForGood(state);
}
