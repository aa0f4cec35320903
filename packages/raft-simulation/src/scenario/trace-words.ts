/** How a trace names things: entries `2@t1`, logs `[1@t1 2@t1]`, and messages by the names of Raft Figure 2. */

import type { Entry, HardState, LogIndex, Message, NodeId, NodeState, Outcome, Persist, Term } from '@raftkv/core';
import { textOf } from './payload.ts';

/** The log of a state: only its terms are needed to name its entries. */
export type Log = NodeState['log'];

/** A line about one node: its name, then what happened to it. */
export function lineOf(id: NodeId, what: string): string {
  return `${id.padEnd(4)} ${what}`;
}

/** The place of an entry; 0 stands before the first. */
export function entryName(index: number, term: number): string {
  return index === 0 ? '0' : `${index}@t${term}`;
}

/** An entry with what it says, if it says something. */
export function entryWords(entry: Entry): string {
  return `${entryName(entry.index, entry.term)} ${textOf(entry)}`.trimEnd();
}

/** Entries by place; runs of one term longer than three are shortened to `2..6@t1`. */
export function logWords(entries: readonly { readonly index: number; readonly term: number }[]): string {
  const words: string[] = [];
  for (let at = 0; at < entries.length;) {
    const first = entries[at];
    if (first === undefined) break;
    const after = entries.findIndex((entry, other) => other > at && entry.term !== first.term);
    const end = after === -1 ? entries.length : after;
    const run = entries.slice(at, end);
    const last = run.at(-1) ?? first;
    if (run.length > 3) words.push(`${first.index}..${last.index}@t${first.term}`);
    else words.push(...run.map(({ index, term }) => entryName(index, term)));
    at = end;
  }
  return `[${words.join(' ')}]`;
}

/** The last index of a log. */
export function lastIndexOf(log: Log): number {
  return log.tail.firstIndex + log.tail.entries.length - 1;
}

/** The term at `index`; `null` where the log ends before. */
export function termAtOf(log: Log, index: number): Term | null {
  if (index === log.base.index) return log.base.term;
  if (index > lastIndexOf(log)) return null;
  return log.termRanges.findLast(({ firstIndex }) => firstIndex <= index)?.term ?? null;
}

/** All places of a log. */
export function placesOf(log: Log): readonly { readonly index: number; readonly term: number }[] {
  const places = [];
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
export function messageWords(message: Message): string {
  const head = `t${message.term}`;
  switch (message.kind) {
    case 'append': {
      const prev = entryName(message.prevIndex, message.prevTerm);
      const entries = logWords(message.entries);
      return `AppendEntries ${head} prev=${prev} ${entries} commit=${message.commitIndex}${roundWords(message.round)}`;
    }
    case 'appendReply':
      return `AppendEntriesReply ${head} matched=${message.matched}${roundWords(message.round)}`;
    case 'appendRefusal': {
      const hint = entryName(message.hintIndex, message.hintTerm);
      return `AppendEntriesReply ${head} refused prev=${message.prevIndex} hint=${hint}${roundWords(message.round)}`;
    }
    case 'roundReply':
      return `RoundReply ${head}${roundWords(message.round)}`;
    case 'voteRequest':
      return `RequestVote ${head} last=${entryName(message.lastIndex, message.lastTerm)}`;
    case 'voteReply':
      return `RequestVoteReply ${head} ${grantWords(message.isGranted)}`;
    case 'preVoteRequest':
      return `PreVote ${head} last=${entryName(message.lastIndex, message.lastTerm)}`;
    case 'preVoteReply':
      return `PreVoteReply ${head} ${grantWords(message.isGranted)}`;
  }
}

/** What a write changes of the hard state `before` and of the log, in the order in which it is written. */
export function writeWords(before: HardState, { hardState, truncateFrom, entries }: Persist): string {
  const words: string[] = [];
  const { currentTerm, votedFor, commitIndex } = hardState ?? before;
  if (currentTerm !== before.currentTerm || votedFor !== before.votedFor)
    words.push(`t${currentTerm} vote=${votedFor ?? '-'}`);
  if (commitIndex !== before.commitIndex) words.push(`commit=${commitIndex}`);
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
      return `refuses ${label}: ${outcome.reason}${outcome.reason === 'not-leader' ? where : ''}`;
    }
    case 'unknown':
      return `answers ${label}: unknown`;
  }
}

/** A range of places that were committed. */
export function rangeWords(log: Log, from: number, through: LogIndex): string {
  return placesOf(log)
    .slice(from - log.base.index, through - log.base.index)
    .map(({ index, term }) => entryName(index, term))
    .join(', ');
}

function roundWords(round: number): string {
  return round === 0 ? '' : ` round=${round}`;
}

function grantWords(isGranted: boolean): string {
  return isGranted ? 'granted' : 'refused';
}
