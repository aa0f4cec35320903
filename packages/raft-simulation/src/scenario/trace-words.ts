/** How a trace names things: entries `2@t1`, logs `[1@t1 2@t1]`, and messages by the names of Raft Figure 2. */

import {
  halvesOf,
  type Configuration,
  type Entry,
  type HardState,
  type Member,
  type Message,
  type NodeId,
  type NodeState,
  type Outcome,
  type Persist,
  type Term,
} from '@raftkv/core';
import { textOf } from './payload.ts';
import type { SnapshotStream } from './scenario-network.ts';

/** The log of a state: only its terms are needed to name its entries. */
export type Log = NodeState['log'];

/** One position of a log. */
export interface Place {
  readonly index: number;
  readonly term: number;
}

/** A line about one node: its name, then what happened to it. */
export function lineOf(id: NodeId, what: string): string {
  return `${id.padEnd(4)} ${what}`;
}

/** The place of an entry; 0 stands before the first. */
export function entryName(index: number, term: number): string {
  return index === 0 ? '0' : `${index}@t${term}`;
}

/** Entries by place, each with the command that it holds; runs without one are shortened. */
export function entriesWords(entries: readonly Entry[]): string {
  const told = entries.map(({ index, term, kind, data }) => {
    return { index, term, text: kind === 'command' ? textOf(data) : '' };
  });
  return runsOf(told)
    .flatMap((run) => {
      const [first] = run;
      return first !== undefined && first.text !== '' ? [`${placeWords(run)} ${first.text}`] : runWords(run);
    })
    .join(', ');
}

/** A log by place; runs of one term longer than three are shortened to `2..6@t1`. */
function logWords(entries: readonly Place[]): string {
  return `[${runsOf(entries).flatMap(runWords).join(' ')}]`;
}

/** A log as a node has it: where it begins behind a snapshot, `base=5@t1 [6@t1]`. */
export function wholeLogWords(log: Log): string {
  const words = logWords(placesOf(log));
  return log.base.index === 0 ? words : `${baseWords(log.base)} ${words}`;
}

/** Where a log begins behind a snapshot. */
function baseWords({ index, term }: Place): string {
  return `base=${entryName(index, term)}`;
}

/** Places in a sentence. */
export function placesWords(places: readonly Place[]): string {
  return runsOf(places).flatMap(runWords).join(', ');
}

/** Consecutive places of one term, each with a text of its own apart. */
function runsOf<One extends Place & { readonly text?: string }>(places: readonly One[]): readonly One[][] {
  const runs: One[][] = [];
  for (const place of places) {
    const run = runs.at(-1);
    const isSame = run?.[0]?.term === place.term && !run[0].text && !place.text;
    if (isSame) run.push(place);
    else runs.push([place]);
  }
  return runs;
}

function runWords(run: readonly Place[]): readonly string[] {
  return run.length > 3 ? [placeWords(run)] : run.map(({ index, term }) => entryName(index, term));
}

function placeWords(run: readonly Place[]): string {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) return '';
  return first === last ? entryName(first.index, first.term) : `${first.index}..${last.index}@t${first.term}`;
}

/** The last index of a log. */
export function lastIndexOf(log: Log): number {
  return log.tail.firstIndex + log.tail.entries.length - 1;
}

/** The term at `index`; `null` where the log ends before, or begins behind a snapshot above it. */
export function termAtOf(log: Log, index: number): Term | null {
  if (index === log.base.index) return log.base.term;
  if (index > lastIndexOf(log)) return null;
  return log.termRanges.findLast(({ firstIndex }) => firstIndex <= index)?.term ?? null;
}

/** All places of a log. */
export function placesOf(log: Log): readonly Place[] {
  const places: Place[] = [];
  for (let index = log.base.index + 1; index <= lastIndexOf(log); index += 1)
    places.push({ index, term: termAtOf(log, index) ?? 0 });
  return places;
}

/** The last place of a log. */
export function lastPlaceOf(log: Log): string {
  const last = lastIndexOf(log);
  return entryName(last, termAtOf(log, last) ?? 0);
}

/** A message, by the name that the paper gives it where it has one. */
export function messageWords(message: Message | SnapshotStream): string {
  if (message.kind === 'snapshot')
    return `InstallSnapshot ${entryName(message.base.index, message.base.term)}`;
  const head = `t${message.term}`;
  switch (message.kind) {
    case 'append': {
      const prev = entryName(message.prevIndex, message.prevTerm);
      const entries = logWords(message.entries);
      return `AppendEntries ${head} prev=${prev} ${entries} commit=${message.commitIndex}${roundWords(message)}`;
    }
    case 'appendReply':
      return `AppendEntriesReply ${head} matched=${message.matched}${roundWords(message)}`;
    case 'appendRefusal': {
      const hint = entryName(message.hintIndex, message.hintTerm);
      return `AppendEntriesReply ${head} refused prev=${message.prevIndex} hint=${hint}${roundWords(message)}`;
    }
    case 'roundReply':
      return `RoundReply ${head}${roundWords(message)}`;
    case 'voteRequest':
      return `RequestVote ${head} last=${entryName(message.lastIndex, message.lastTerm)}${message.isTransfer ? ' transfer' : ''}`;
    case 'voteReply':
      return `RequestVoteReply ${head} ${grantWords(message.isGranted)}`;
    case 'preVoteRequest':
      return `PreVote ${head} last=${entryName(message.lastIndex, message.lastTerm)}`;
    case 'preVoteReply':
      return `PreVoteReply ${head} ${grantWords(message.isGranted)}`;
    case 'removed':
      return `Removed ${head}`;
    case 'timeoutNow':
      return `TimeoutNow ${head}`;
    case 'readRequest':
      return `ReadIndex ${head} ${message.process}/${message.counter}`;
    case 'readReply':
      return `ReadIndexReply ${head} ${message.process}/${message.counter} index=${message.index}`;
  }
}

/** What a write changes of the hard state `before` and of the log, in the order in which it is written. */
export function writeWords(
  before: HardState,
  { hardState, newBase, truncateFrom, entries }: Persist,
): string {
  const words: string[] = [];
  const { currentTerm, votedFor, commitIndex, promiseMs } = hardState ?? before;
  if (currentTerm !== before.currentTerm || votedFor !== before.votedFor)
    words.push(`t${currentTerm} vote=${votedFor ?? '-'}`);
  if (commitIndex !== before.commitIndex) words.push(`commit=${commitIndex}`);
  if (promiseMs !== before.promiseMs) words.push(`promise=${promiseMs}ms`);
  if (newBase !== null) words.push(`${baseWords(newBase.base)}${newBase.isLogKept ? '' : ' emptied'}`);
  if (truncateFrom !== null) words.push(`truncate=${truncateFrom}`);
  if (entries.length > 0) words.push(logWords(entries));
  return words.join(' ');
}

/** How a request ended. */
export function outcomeWords(label: string, outcome: Outcome): string {
  switch (outcome.outcome) {
    case 'committed':
      return `answers ${label}: committed at ${entryName(outcome.index, outcome.term)}`;
    case 'refused': {
      const where = outcome.leader === null ? '' : `, the leader is ${outcome.leader}`;
      return `refuses ${label}: ${outcome.reason}${outcome.reason === 'not-leader' || outcome.reason === 'transferring' ? where : ''}`;
    }
    case 'transferred': {
      const to = outcome.leader === null ? '' : `, the leader is ${outcome.leader}`;
      return `answers ${label}: transferred${to}`;
    }
    case 'unknown':
      return `answers ${label}: unknown`;
  }
}

/** `a b c`, or `a b d and a b c` where a majority of each decides; with `, learner e` and `, removed f`. */
export function configurationWords(configuration: Configuration): string {
  const voters = halvesOf(configuration).map(namesOf).join(' and ');
  const { learners, removed } = configuration;
  const learning = learners.length === 0 ? '' : `, learner ${namesOf(learners)}`;
  return `${voters}${learning}${removed.length === 0 ? '' : `, removed ${removed.join(' ')}`}`;
}

function namesOf(members: readonly Member[]): string {
  return members.map(({ id }) => id).join(' ');
}

function roundWords({ round, promiseMs }: { readonly round: number; readonly promiseMs?: number }): string {
  const promise = promiseMs === undefined ? '' : ` promise=${promiseMs}ms`;
  return `${round === 0 ? '' : ` round=${round}`}${promise}`;
}

function grantWords(isGranted: boolean): string {
  return isGranted ? 'granted' : 'refused';
}
