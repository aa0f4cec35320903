/** Removed nodes fall silent: whoever knows tells them. Source: Raft §6; Diss. §4.2.3; R26. */

import type { NodeId } from '../basics/brands.ts';
import { isRemoved } from '../contract/configuration.ts';
import type { Message } from '../contract/message.ts';
import { committedConfigurationOf, oweMessage, type Draft } from '../state/node-state.ts';
import { endFailOver } from './fail-over.ts';
import { becomeFollower } from './office.ts';

/**
 * Answers a node that was removed for good, where it campaigns or leads a term that is over. A member to come is not
 * among those: this node's configuration may be too old to name it. Says whether that is all there is to do.
 */
export function answerRemoved(draft: Draft, from: NodeId, message: Message): boolean {
  if (!isRemoved(committedConfigurationOf(draft), from)) return false;
  const isStale = message.kind === 'append' && message.term < draft.currentTerm;
  if (!isStale && message.kind !== 'voteRequest' && message.kind !== 'preVoteRequest') return false;
  oweMessage(draft, from, { kind: 'removed', term: draft.currentTerm });
  return true;
}

/** Ids are never used again: what one committed configuration says of this node is true for ever. */
export function onRemoved(draft: Draft): void {
  draft.wasToldRemoved = true;
  endFailOver(draft);
  if (draft.role.kind !== 'follower') becomeFollower(draft, null);
}
