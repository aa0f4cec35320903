/** Changes of who takes part. Source: Raft §6; Diss. §4; R21 to R26. */

import type { Input } from '../contract/input.ts';
import { leaderOf, oweResult, type Draft } from '../state/node-state.ts';

export type ChangeMembership = Extract<Input, { kind: 'changeMembership' }>;

/** No node takes a change yet. */
export function onChangeMembership(draft: Draft, { ref }: ChangeMembership): void {
  oweResult(draft, ref, { outcome: 'refused', reason: 'not-leader', leader: leaderOf(draft) });
}
