/** The state of a node that starts: what its disk says, and nothing else. Source: Raft Figure 2 (persistent state). */

import { logIndex, term, writeNumber, type LogIndex, type NodeId } from './basics/brands.ts';
import { invariant } from './basics/invariants.ts';
import { seededRandom } from './basics/random.ts';
import { SharedList } from './basics/shared-list.ts';
import type { Configuration } from './contract/configuration.ts';
import type { Effect } from './contract/effect.ts';
import { completeOptions, OptionsError, type NodeOptions } from './contract/options.ts';
import type { DurableRecord } from './contract/record.ts';
import { recoveredDisk } from './state/disk.ts';
import { NO_FOLLOWER_READS } from './state/follower-reads.ts';
import { lastIndex, lastTerm, next, termAt, type Log } from './state/log.ts';
import type { Draft, NodeState, OwedMessage } from './state/node-state.ts';
import { follower } from './state/role.ts';
import { tailOf } from './state/tail.ts';
import { drawElectionTimeout } from './rules/office.ts';

/**
 * A follower that knows what `record` says. Everything in the record is on disk; the state machine begins empty, so
 * committed entries are handed out to be applied from the base on.
 *
 * @throws {RangeError} if a number of the hard state is none.
 * @throws {OptionsError} if an option, or the set of voters, makes no sense.
 * @throws {InvariantViolation} if the record contradicts itself: do not start this node on it.
 */
export function recover(options: NodeOptions, record: DurableRecord, nowMs: number): NodeState {
  const complete = completeOptions(options);
  checkConfiguration(record.base.configuration);
  invariant(Number.isFinite(nowMs), 'time-is-finite', () => `nowMs ${nowMs}`);
  const log = recoverLog(record);
  const { currentTerm, votedFor, commitIndex, promiseMs = 0 } = record.hardState;
  checkHardState(record, log);

  const status = { role: 'follower', currentTerm, leader: null, peerFault: null } as const;
  const draft: Draft = {
    options: complete,
    nowMs,
    random: seededRandom(complete.seed),
    currentTerm,
    votedFor,
    termLeader: null,
    commitIndex,
    log,
    disk: recoveredDisk(record.hardState, lastIndex(log), writeNumber(0)),
    role: follower(null),
    electionTimeoutMs: 0,
    electionFromMs: nowMs,
    leaderHeardMs: null,
    failOver: null,
    hintedMs: null,
    // Whom it was made to is forgotten, and when: it is kept in full (R20).
    promise: promiseMs === 0 ? null : { to: null, term: term(0), untilMs: nowMs + promiseMs },
    promiseMs,
    followerReads: NO_FOLLOWER_READS,
    handedApply: record.base.index,
    appliedIndex: record.base.index,
    applyFetchSinceMs: null,
    handedStatus: status,
    peerFault: null,
    owedMessages: SharedList.of<OwedMessage>([]),
    owedEffects: SharedList.of<Effect>([]),
  };
  drawElectionTimeout(draft);
  return draft;
}

function recoverLog({ base, termRanges, tail }: DurableRecord): Log {
  invariant(base.index === 0 && base.term === 0, 'recovered-base', () => `${base.index}@${base.term}`);
  const firstIndex: LogIndex = tail[0]?.index ?? next(base.index);
  const name = 'recovered-log-contiguous';
  invariant(firstIndex > base.index, name, () => `the tail begins at ${firstIndex}`);
  const log = { base, termRanges, tail: tailOf(firstIndex, tail) };

  const hasBoth = termRanges.length > 0 === tail.length > 0;
  const isContiguous = tail.every(
    (entry, at) => entry.index === firstIndex + at && termAt(log, entry.index) === entry.term,
  );
  invariant(hasBoth && isContiguous, name, () => `tail from ${firstIndex} to ${lastIndex(log)}`);
  invariant(areAscending(log), name, () => `term ranges ${JSON.stringify(termRanges)}`);
  return log;
}

/** The first range begins just above the base, later ones above it in index and term, all within the log. */
function areAscending(log: Log): boolean {
  const { base, termRanges } = log;
  return termRanges.every((range, at) => {
    const before = termRanges[at - 1];
    if (before === undefined) return range.firstIndex === base.index + 1 && range.term > base.term;
    return (
      range.firstIndex > before.firstIndex && range.term > before.term && range.firstIndex <= lastIndex(log)
    );
  });
}

function checkHardState({ hardState }: DurableRecord, log: Log): void {
  const commitIndex = logIndex(hardState.commitIndex);
  const currentTerm = term(hardState.currentTerm);
  const last = lastIndex(log);
  invariant(commitIndex <= last, 'recovered-commit-within-log', () => `commit ${commitIndex}, last ${last}`);
  const entryTerm = lastTerm(log);
  const why = () => `term ${currentTerm}, last entry's ${entryTerm}`;
  invariant(currentTerm >= entryTerm, 'recovered-term-covers-log', why);
}

function checkConfiguration({ voters }: Configuration): void {
  const ids = new Set<NodeId>(voters.map((member) => member.id));
  if (voters.length === 0) throw new OptionsError('a configuration needs at least one voter');
  if (ids.size < voters.length) throw new OptionsError('a configuration names each voter once');
}
