/** What `status`, `log` and `progress` say of a node. */

import { statusOf } from '@raftkv/core';
import type { ScenarioHost } from './scenario-host.ts';
import { lastPlaceOf, wholeLogWords } from './trace-words.ts';

/** Its role, term and vote, and how far its log and what it knows to be committed go. */
export function statusWords({ state }: ScenarioHost): string {
  if (state === null) return 'is down';
  const { role, currentTerm, votedFor, commitIndex, log } = state;
  const leader = role.kind === 'follower' && role.leader !== null ? ` of ${role.leader}` : '';
  const vote = votedFor === null ? '' : ` vote=${votedFor}`;
  const removed = statusOf(state).isRemoved ? ' removed' : '';
  const place = `last=${lastPlaceOf(log)} commit=${commitIndex}`;
  return `${role.kind}${leader} t${currentTerm}${vote} ${place}${removed}`;
}

/** Its log, by place. */
export function hostLog({ state }: ScenarioHost): string {
  return state === null ? 'is down' : wholeLogWords(state.log);
}

/** What a leader knows of its peers, a line for each. */
export function progressWords({ state }: ScenarioHost): readonly string[] {
  if (state?.role.kind !== 'leader') return ['does not lead'];
  return state.role.progress.map(({ id, flow, matchIndex, nextIndex }) => {
    const under = flow.kind === 'replicating' ? ` under way=${flow.inFlight.length}` : '';
    return `${id} ${flow.kind} match=${matchIndex} next=${nextIndex}${under}`;
  });
}
