/** All of the replicated state: what a snapshot has to hold, and a clone to share (R34). */

import { KeyStore } from './key-store.ts';
import { INITIAL_LIMITS, type Limits } from './limits.ts';
import { Sessions } from './sessions.ts';

/** What meaning commands have; raised by a command once all members know the next (R41). */
export const MACHINE_VERSION = 1;

export interface State {
  appliedIndex: number;
  readonly machineVersion: typeof MACHINE_VERSION;
  readonly limits: Limits;
  readonly keys: KeyStore;
  readonly sessions: Sessions;
}

export function emptyState(): State {
  return {
    appliedIndex: 0,
    machineVersion: MACHINE_VERSION,
    limits: INITIAL_LIMITS,
    keys: KeyStore.empty(),
    sessions: Sessions.empty(),
  };
}

/** At once, however much there is: both share what neither has changed since. */
export function cloneState(state: State): State {
  return { ...state, keys: state.keys.clone(), sessions: state.sessions.clone() };
}
