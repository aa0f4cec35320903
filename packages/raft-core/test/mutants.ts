/** Ways to break the core on purpose. Each must be noticed, by random clusters or by the tests. */

export interface Mutant {
  readonly name: string;
  /** Below `src`. */
  readonly file: string;
  /** Stands in `file` exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'replies merge where a round is lost (R10)',
    file: 'rules/owed-replies.ts',
    find: 'earlier.round <= later.round',
    replace: 'earlier.round >= 0',
  },
  {
    name: 'a probing peer is sent the whole log again when its connection is lost (R10)',
    file: 'state/progress.ts',
    find: "draft.flow.kind === 'replicating' ? logIndex(certain + 1) : draft.nextIndex",
    replace: 'logIndex(certain + 1)',
  },
  {
    name: 'fetched entries are believed (R5)',
    file: 'state/log.ts',
    find: 'entry.index !== from + at || termAt(log, entry.index) !== entry.term',
    replace: 'entry.index !== from + at',
  },
  {
    name: 'a probing peer is never asked again (R10)',
    file: 'rules/timers.ts',
    find: "return flow.kind === 'replicating' && state.nowMs",
    replace: "return flow.kind === 'fetching' && state.nowMs",
  },
  {
    name: 'a leader without a quorum stays (R12)',
    file: 'rules/timers.ts',
    find: 'draft.nowMs >= quorumLostAtMs(draft, leader)) return',
    replace: 'draft.nowMs < 0) return',
  },
];
