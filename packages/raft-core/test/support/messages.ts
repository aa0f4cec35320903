/** Messages, entries and records in the notation of the paper: `3@2` is entry 3 of term 2. */

import { firstConfiguration, logIndex, nodeId, term } from '../../src/index.ts';
import type {
  Append,
  AppendRefusal,
  AppendReply,
  Base,
  Effect,
  Entry,
  Input,
  PreVoteReply,
  PreVoteRequest,
  RoundReply,
  Send,
  SimpleConfiguration,
  TermRange,
  VoteReply,
  VoteRequest,
} from '../../src/index.ts';
import { round } from '../../src/basics/brands.ts';

/** `1@1 2@1 3@4`; the data of each entry names it, so that different entries differ. */
export function entries(text: string): Entry[] {
  return text
    .split(' ')
    .filter((name) => name !== '')
    .map((name) => ({ ...position(name), kind: 'command', data: new TextEncoder().encode(name) }));
}

/** The terms of a log, as a record holds them. */
export function termRanges(log: readonly Entry[]): TermRange[] {
  const ranges: TermRange[] = [];
  for (const entry of log) {
    if (ranges.at(-1)?.term !== entry.term) ranges.push({ firstIndex: entry.index, term: entry.term });
  }
  return ranges;
}

/** `a b c` */
export function configuration(voters: string): SimpleConfiguration {
  return firstConfiguration(voters.split(' ').map((id) => ({ id: nodeId(id), data: new Uint8Array(0) })));
}

export interface AppendFields {
  readonly term: number;
  /** `0@0` unless given. */
  readonly prev?: string;
  readonly entries?: string;
  readonly commit?: number;
  readonly round?: number;
}

export function append(fields: AppendFields): Append {
  const prev = position(fields.prev ?? '0@0');
  return {
    kind: 'append',
    term: term(fields.term),
    prevIndex: prev.index,
    prevTerm: prev.term,
    entries: entries(fields.entries ?? ''),
    commitIndex: logIndex(fields.commit ?? 0),
    round: round(fields.round ?? 0),
  };
}

export function appendReply(inTerm: number, matched: number, ofRound = 0): AppendReply {
  return { kind: 'appendReply', term: term(inTerm), matched: logIndex(matched), round: round(ofRound) };
}

/** The receiver does not hold `prevIndex`; its log and the leader's may agree up to `hint`. */
export function appendRefusal(inTerm: number, prevIndex: number, hint: string, ofRound = 0): AppendRefusal {
  return {
    kind: 'appendRefusal',
    term: term(inTerm),
    prevIndex: logIndex(prevIndex),
    hintIndex: position(hint).index,
    hintTerm: position(hint).term,
    round: round(ofRound),
  };
}

export function roundReply(inTerm: number, ofRound: number): RoundReply {
  return { kind: 'roundReply', term: term(inTerm), round: round(ofRound) };
}

/** `last` is the candidate's last entry; `0@0` unless given. */
export function voteRequest(inTerm: number, last = '0@0'): VoteRequest {
  return {
    kind: 'voteRequest',
    term: term(inTerm),
    lastIndex: position(last).index,
    lastTerm: position(last).term,
    isTransfer: false,
  };
}

export function preVoteRequest(inTerm: number, last = '0@0'): PreVoteRequest {
  return {
    kind: 'preVoteRequest',
    term: term(inTerm),
    lastIndex: position(last).index,
    lastTerm: position(last).term,
  };
}

export function voteReply(inTerm: number, isGranted: boolean): VoteReply {
  return { kind: 'voteReply', term: term(inTerm), isGranted };
}

export function preVoteReply(inTerm: number, isGranted: boolean): PreVoteReply {
  return { kind: 'preVoteReply', term: term(inTerm), isGranted };
}

/** `5@2`: what a snapshot stands for. */
export function baseOf(text: string, voters = 'a b c', configurationIndex = 0): Base {
  const { index, term: ofTerm } = position(text);
  return {
    index,
    term: ofTerm,
    configuration: configuration(voters),
    configurationIndex: logIndex(configurationIndex),
  };
}

/** A snapshot came from `from`. */
export function snapshotReceived(from: string, base: string | Base): Input {
  return {
    kind: 'snapshotReceived',
    from: nodeId(from),
    base: typeof base === 'string' ? baseOf(base) : base,
  };
}

/** The effects of one kind. */
export function only<Kind extends Effect['kind']>(
  effects: readonly Effect[],
  kind: Kind,
): Extract<Effect, { kind: Kind }>[] {
  return effects.filter((effect): effect is Extract<Effect, { kind: Kind }> => effect.kind === kind);
}

/** The messages sent to `to`, or to anyone. */
export function sent(effects: readonly Effect[], to?: string): Send[] {
  return only(effects, 'send').filter((send) => to === undefined || send.to === to);
}

function position(name: string): Pick<Entry, 'index' | 'term'> {
  const [index, inTerm] = name.split('@').map(Number);
  return { index: logIndex(index ?? Number.NaN), term: term(inTerm ?? Number.NaN) };
}
