/** The state of a node that starts: what its disk says, and nothing else. Source: Raft Figure 2 (persistent state). */

import { logIndex, term, writeNumber, type LogIndex } from './basics/brands.ts';
import { invariant } from './basics/invariants.ts';
import { seededRandom } from './basics/random.ts';
import { SharedList } from './basics/shared-list.ts';
import { isRemoved, membersOf } from './contract/configuration.ts';
import type { Effect } from './contract/effect.ts';
import { configurationFault } from './contract/well-formed-configuration.ts';
import { completeOptions, OptionsError, type NodeOptions } from './contract/options.ts';
import type { Base, DurableRecord } from './contract/record.ts';
import { recoveredDisk } from './state/disk.ts';
import { noFollowerReads } from './state/follower-reads.ts';
import {
  configurationAt,
  configurationIndexIn,
  lastIndex,
  lastTerm,
  next,
  termAt,
  type Log,
} from './state/log.ts';
import type { Draft, NodeState, OwedMessage } from './state/node-state.ts';
import { follower } from './state/role.ts';
import { tailEnd, tailOf } from './state/tail.ts';
import { drawElectionTimeout } from './rules/office.ts';

/**
 * A follower that knows what `record` says. Everything in the record is on disk; the state machine begins empty, so
 * the snapshot of the base, if there is one, and then committed entries are handed out again.
 *
 * @throws {RangeError} if a number of the hard state is none.
 * @throws {OptionsError} if an option, or the first configuration, makes no sense.
 * @throws {InvariantViolation} if the record contradicts itself: do not start this node on it.
 */
export function recover(options: NodeOptions, record: DurableRecord, nowMs: number): NodeState {
  const complete = completeOptions(options);
  checkBaseConfiguration(record.base);
  invariant(Number.isFinite(nowMs), 'time-is-finite', () => `nowMs ${nowMs}`);
  const log = recoverLog(record);
  const { currentTerm, votedFor, promiseMs = 0 } = record.hardState;
  checkHardState(record, log);
  checkConfigurations(log);
  // Only what is committed is in a snapshot; a write that brought one tells of the log before (R8).
  const { index: baseIndex } = log.base;
  const commitIndex = record.hardState.commitIndex > baseIndex ? record.hardState.commitIndex : baseIndex;

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
    compaction: null,
    role: follower(null),
    electionTimeoutMs: 0,
    electionFromMs: nowMs,
    leaderHeardMs: null,
    failOver: null,
    hintedMs: null,
    // Whom it was made to is forgotten, and when: it is kept in full (R20).
    promise: promiseMs === 0 ? null : { to: null, term: term(0), untilMs: nowMs + promiseMs },
    promiseMs,
    followerReads: noFollowerReads(),
    wasToldRemoved: false,
    handedApply: logIndex(0),
    appliedIndex: logIndex(0),
    applyFetchSinceMs: null,
    handedStatus: {
      role: 'follower',
      currentTerm,
      leader: null,
      configurationIndex: configurationIndexIn(log),
      isRemoved: isRemoved(configurationAt(log, commitIndex), complete.id),
      peerFault: null,
    },
    peerFault: null,
    owedMessages: SharedList.of<OwedMessage>([]),
    owedEffects: SharedList.of<Effect>([]),
  };
  drawElectionTimeout(draft);
  return draft;
}

function recoverLog({ base, termRanges, configurations, tail }: DurableRecord): Log {
  const isBase = (base.index === 0) === (base.term === 0);
  invariant(isBase, 'recovered-base', () => `${base.index}@${base.term}`);
  const firstIndex: LogIndex = tail[0]?.index ?? next(base.index);
  const name = 'recovered-log-contiguous';
  invariant(firstIndex > base.index, name, () => `the tail begins at ${firstIndex}`);
  const log = { base, termRanges, configurations, tail: tailOf(firstIndex, tail) };

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
    // A term may go on behind the base.
    if (before === undefined)
      return range.firstIndex === base.index + 1 && range.term >= base.term && range.term > 0;
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

/** They lie in the log, in order, and those whose entries are in the tail are the ones of these entries (R21). */
function checkConfigurations({ base, configurations, tail }: Log): void {
  const name = 'recovered-configurations';
  const { configurationIndex } = base;
  invariant(configurationIndex <= base.index, name, () => `the base's is of ${configurationIndex}`);
  let before: number = base.index;
  for (const { index, configuration } of configurations) {
    invariant(index > before && index <= tailEnd(tail), name, () => `${index} after ${before}`);
    const fault = configurationFault(configuration);
    invariant(fault === null, name, () => `${index}: ${fault}`);
    before = index;
  }
  const inTail = tail.entries.slice().filter((entry) => entry.kind === 'configuration');
  const known = configurations.filter(({ index }) => index >= tail.firstIndex);
  const areSame =
    inTail.length === known.length && inTail.every((entry, at) => entry.index === known[at]?.index);
  invariant(areSame, name, () => `entries ${inTail.map(({ index }) => index).join(', ')} of the tail`);
}

/** That of a node that joins a cluster is empty as a whole, before its first snapshot. */
function checkBaseConfiguration({ index, configuration }: Base): void {
  const isEmpty = membersOf(configuration).length === 0 && configuration.removed.length === 0;
  if (isEmpty && index === 0) return;
  const fault = configurationFault(configuration);
  if (fault !== null) throw new OptionsError(fault);
}
