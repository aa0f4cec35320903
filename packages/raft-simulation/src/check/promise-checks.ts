/**
 * What a node tells others rests on its disk: votes and acknowledgements are looked at when they leave, and compared with
 * what would be left if the machine stopped at this moment. Source: Raft Figure 2, §5.4.1; rules R2, R3.
 */

import {
  logIndex,
  type Message,
  type NodeId,
  type NodeState,
  type PreVoteRequest,
  type VoteRequest,
} from '@raftkv/core';
import type { DurableLog } from '../disk/durable-log.ts';
import { lastIndexOf } from './log-view.ts';
import { configurationInForce, isQuorum, votersIn } from './quorum.ts';
import { check } from './violation.ts';

/** The end of a log. */
interface Position {
  readonly lastIndex: number;
  readonly lastTerm: number;
}

/** What one node was asked by another about one term. */
interface AskedPreVote {
  /** Of several requests, the one with the most complete log: the answer may be to any. */
  request: PreVoteRequest;
  /** The voter when it was asked first. */
  readonly voter: NodeState | null;
}

export class PromiseChecks {
  private readonly disks: ReadonlyMap<NodeId, DurableLog>;
  private readonly stateOf: (id: NodeId) => NodeState | null;
  /** Who has the vote of a node in a term, across all of its lives. */
  private readonly votes = new Map<string, NodeId>();
  private readonly requests = new Map<string, VoteRequest>();
  private readonly preVotes = new Map<string, AskedPreVote>();

  constructor(disks: ReadonlyMap<NodeId, DurableLog>, stateOf: (id: NodeId) => NodeState | null) {
    this.disks = disks;
    this.stateOf = stateOf;
  }

  /** `leader` was given the votes of a quorum before it led. Source: Raft §5.2. */
  checkElected(leader: NodeId, term: number): void {
    // Whoever is alone asks nobody.
    if (!this.requests.has(`${leader} ${term}`)) return;
    const log = this.stateOf(leader)?.log;
    if (log === undefined) return;
    const configuration = configurationInForce(log);
    const isGiven = (voter: NodeId) => this.votes.get(`${voter} ${term}`) === leader;
    const given = () => [...this.disks.keys()].filter(isGiven).join();
    check(
      isQuorum(configuration, isGiven),
      'election-safety',
      () => `${leader} leads ${term} with the votes of ${given()}, of ${votersIn(configuration)}`,
    );
  }

  onSend(from: NodeId, to: NodeId, message: Message): void {
    switch (message.kind) {
      case 'voteRequest':
        this.requests.set(`${from} ${message.term}`, message);
        return this.onVote(from, message.term, from);
      case 'voteReply':
        if (!message.isGranted) return;
        this.checkLog(from, message.term, to);
        return this.onVote(from, message.term, to);
      case 'appendReply':
        return this.onAcknowledged(from, message.term, message.matched);
      case 'preVoteRequest':
        return this.onPreVoteRequest(from, to, message);
      case 'preVoteReply':
        if (message.isGranted) this.checkPreVote(from, message.term, to);
        return;
      case 'append':
      case 'appendRefusal':
      case 'roundReply':
      case 'removed':
      case 'timeoutNow':
      case 'readRequest':
      case 'readReply':
        return;
    }
  }

  /** A vote is given once, and told when it is on disk, or the disk is past its term. */
  private onVote(voter: NodeId, term: number, candidate: NodeId): void {
    const name = `${voter} ${term}`;
    const known = this.votes.get(name) ?? candidate;
    this.votes.set(name, known);
    check(
      known === candidate,
      'one-vote-per-term',
      () => `${voter} votes for ${known} and ${candidate} in ${term}`,
    );
    const hardState = this.disks.get(voter)?.hardState;
    if (hardState === undefined || hardState.currentTerm > term) return;
    check(
      hardState.currentTerm === term && hardState.votedFor === candidate,
      'one-vote-per-term',
      () =>
        `${voter} votes for ${candidate} in ${term}, its disk is at term ${hardState.currentTerm}, vote ${hardState.votedFor}`,
    );
  }

  /** A vote is for a log that is at least as up-to-date as the voter's. Source: Raft §5.4.1. */
  private checkLog(voter: NodeId, term: number, candidate: NodeId): void {
    const request = this.requests.get(`${candidate} ${term}`);
    const state = this.stateOf(voter);
    // The log of a voter that has heard from a leader of this term may have become another since it voted.
    if (request === undefined || state === null || state.currentTerm !== term || state.termLeader !== null)
      return;
    checkUpToDate(voter, state, candidate, request);
  }

  private onPreVoteRequest(from: NodeId, to: NodeId, request: PreVoteRequest): void {
    const name = `${from} ${request.term} ${to}`;
    const known = this.preVotes.get(name);
    if (known === undefined) this.preVotes.set(name, { request, voter: this.stateOf(to) });
    else if (isUpToDate(request, known.request)) known.request = request;
  }

  /**
   * A pre-vote as well is for a log that is at least as up-to-date. The grant was decided at some time since it was asked
   * for, and may have waited for the disk while the voter's log became another: that of the beginning or that of the end
   * has to be no more complete. Source: Diss. §9.6; rule R11.
   */
  private checkPreVote(voter: NodeId, term: number, candidate: NodeId): void {
    const asked = this.preVotes.get(`${candidate} ${term} ${voter}`);
    const [before, state] = [asked?.voter ?? null, this.stateOf(voter)];
    if (asked === undefined || before === null || state === null) return;
    // Another process may have lost what the one before had not synced; and since it granted, it may have heard a leader.
    if (before.options !== state.options || isLoyal(state)) return;
    if (!isUpToDate(asked.request, endOf(state))) checkUpToDate(voter, before, candidate, asked.request);
  }

  /** What is acknowledged is on disk, and the term of the answer too; unless a later term has replaced it since. */
  private onAcknowledged(from: NodeId, term: number, matched: number): void {
    const disk = this.disks.get(from);
    if (disk === undefined || disk.hardState.currentTerm > term) return;
    check(
      disk.hardState.currentTerm === term,
      'term-monotonic',
      () => `${from} answers in term ${term}, its disk is at ${disk.hardState.currentTerm}`,
    );
    check(
      matched <= disk.base.index || disk.entryAt(logIndex(matched)) !== null,
      'committed-is-durable',
      () => `${from} acknowledges ${matched} in term ${term}, its disk ends with ${disk.lastIndex}`,
    );
  }
}

function isLoyal({ role, leaderHeardMs, nowMs, options }: NodeState): boolean {
  if (role.kind === 'leader') return true;
  return leaderHeardMs !== null && nowMs - leaderHeardMs < options.electionTimeoutMinMs;
}

function endOf({ log }: NodeState): Position {
  return { lastTerm: log.termRanges.at(-1)?.term ?? log.base.term, lastIndex: lastIndexOf(log) };
}

function isUpToDate(one: Position, other: Position): boolean {
  return (
    one.lastTerm > other.lastTerm || (one.lastTerm === other.lastTerm && one.lastIndex >= other.lastIndex)
  );
}

function checkUpToDate(voter: NodeId, state: NodeState, candidate: NodeId, asked: Position): void {
  const own = endOf(state);
  check(
    isUpToDate(asked, own),
    'leader-completeness',
    () => `${voter} has ${show(own)} and is for ${candidate}, which has ${show(asked)}`,
  );
}

function show({ lastIndex, lastTerm }: Position): string {
  return `${lastIndex}@${lastTerm}`;
}
