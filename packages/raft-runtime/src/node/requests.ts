/**
 * Who waits for what: a proposal is answered when its command is applied here, a read when it is confirmed and what it
 * has to see is applied here. Every request is answered exactly once: it leaves the tables before its caller is told.
 */

import {
  ref,
  type LogIndex,
  type NodeId,
  type Outcome,
  type Ref,
  type RefusalReason,
  type Term,
} from '@raftkv/core';
import {
  MembershipRefusedError,
  NodeFailedError,
  NotLeaderError,
  OutcomeUnknownError,
  OverloadedError,
  TransferRefusedError,
  type RaftError,
} from '../errors.ts';
import type { Command } from '../ports/state-machine.ts';
import type { Counters } from './metrics.ts';
import { Rising } from './rising.ts';
import { tell } from './tell.ts';

/** What became of a request: its value, or why there is none. */
export type Answer<Value> = Refused | { readonly error: null; readonly value: Value };

/** A request that has no value. */
export interface Refused {
  /** Its `outcome` says whether the request may have taken effect. */
  readonly error: RaftError;
}

/** Called once. */
export type Done<Value> = (answer: Answer<Value>) => void;

/** A command that took effect here, and what the state machine answered. */
export interface Applied<Result> {
  /** Of the command's entry. */
  readonly index: LogIndex;
  /** Of the leader that appended it. */
  readonly term: Term;
  /** What this node's state machine gave for it. */
  readonly result: Result;
}

/** A configuration that is committed, and in force alone. */
export interface MembershipChanged {
  /** Of its entry; what `ifIndex` of the next change may name. */
  readonly index: LogIndex;
}

interface WaitingRead {
  readonly index: LogIndex;
  readonly done: Done<LogIndex>;
}

export class Requests<Result> {
  private readonly counters: Counters;
  private lastRef = 0;
  /** Whose outcome the core has not said. */
  private readonly proposals = new Rising<Done<Applied<Result>>>();
  private readonly reads = new Rising<Done<LogIndex>>();
  private readonly transfers = new Rising<Done<NodeId | null>>();
  private readonly changes = new Rising<Done<MembershipChanged>>();
  /** By index: committed, not yet applied here. */
  private readonly committed = new Rising<Done<Applied<Result>>>();
  /** Confirmed, and waiting for an index to be applied here; these indexes never fall. */
  private readonly confirmed: WaitingRead[] = [];

  constructor(counters: Counters) {
    this.counters = counters;
  }

  /** A name for a request; the core says nothing of it before the turn ends. */
  nextRef(): Ref {
    this.lastRef += 1;
    return ref(this.lastRef);
  }

  addProposal(name: Ref, done: Done<Applied<Result>>): void {
    this.proposals.add(name, done);
  }

  addTransfer(name: Ref, done: Done<NodeId | null>): void {
    this.transfers.add(name, done);
  }

  addChange(name: Ref, done: Done<MembershipChanged>): void {
    this.changes.add(name, done);
  }

  addRead(name: Ref, done: Done<LogIndex>): void {
    this.reads.add(name, done);
  }

  /** The core says how a request ended; a committed one goes on waiting, for its result. */
  onOutcome(name: Ref, outcome: Outcome): void {
    const proposal = this.proposals.take(name);
    if (outcome.outcome === 'committed') {
      if (proposal !== null) this.committed.add(outcome.index, proposal);
      else this.onChanged(name, outcome.index);
      return;
    }
    const transfer = proposal === null ? this.transfers.take(name) : null;
    if (outcome.outcome === 'transferred') {
      if (transfer !== null) this.answer(transfer, outcome.leader);
      return;
    }
    const done = proposal ?? transfer ?? this.changes.take(name) ?? this.reads.take(name);
    if (done === null) return;
    // Who asked for something else goes to whoever is to lead.
    const isElsewhere = transfer === null && isTransferring(outcome);
    this.refuse(done, isElsewhere ? new NotLeaderError(outcome.leader) : errorOf(outcome));
  }

  private onChanged(name: Ref, index: LogIndex): void {
    const change = this.changes.take(name);
    if (change !== null) this.answer(change, { index });
  }

  onReadable(name: Ref, index: LogIndex, appliedIndex: LogIndex): void {
    const read = this.reads.take(name);
    if (read === null) return;
    if (index > appliedIndex) this.confirmed.push({ index, done: read });
    else this.answer(read, index);
  }

  /** `commands` took effect, with one result each. */
  onResults(commands: readonly Command[], results: readonly Result[]): void {
    for (const [at, result] of results.entries()) {
      const command = commands[at];
      if (command === undefined) continue;
      const { index, term } = command;
      const proposal = this.committed.take(index);
      if (proposal !== null) this.answer(proposal, { index, term, result });
    }
  }

  /** Everything up to `index` took effect. */
  onApplied(index: LogIndex): void {
    const later = this.confirmed.findIndex((read) => read.index > index);
    const ready = this.confirmed.splice(0, later === -1 ? this.confirmed.length : later);
    for (const read of ready) this.answer(read.done, read.index);
  }

  /**
   * A snapshot put the machine at `index`: what was committed up to there took effect, and what it came to was never said
   * here.
   */
  onInstalled(index: LogIndex): void {
    for (const done of this.committed.takeThrough(index)) {
      this.refuse(done, new OutcomeUnknownError('a snapshot took the place of the command and its result'));
    }
    this.onApplied(index);
  }

  /** Answers everyone who still waits, each with an error of its own. */
  endAll(unknownOutcome: () => RaftError, refusal: () => RaftError): void {
    const writes = [
      ...this.committed.takeAll(),
      ...this.proposals.takeAll(),
      ...this.transfers.takeAll(),
      ...this.changes.takeAll(),
    ];
    const reads = [...this.confirmed.splice(0).map((read) => read.done), ...this.reads.takeAll()];
    for (const done of writes) this.refuse(done, unknownOutcome());
    for (const done of reads) this.refuse(done, refusal());
  }

  /** Every answer goes through here or through `answer`. */
  refuse(done: (answer: Refused) => void, error: RaftError): void {
    this.counters.answers += 1;
    tell(done, { error });
  }

  private answer<Value>(done: Done<Value>, value: Value): void {
    this.counters.answers += 1;
    tell(done, { error: null, value });
  }
}

/** Settles a promise as `done` would be told. */
export function settle<Value>(
  resolve: (value: Value) => void,
  reject: (error: RaftError) => void,
): Done<Value> {
  return (answer) => (answer.error === null ? resolve(answer.value) : reject(answer.error));
}

function errorOf(outcome: Exclude<Outcome, { outcome: 'committed' | 'transferred' }>): RaftError {
  if (outcome.outcome === 'refused') return refusalOf(outcome.reason, outcome.leader);
  return new OutcomeUnknownError('leadership was lost before the outcome was seen');
}

/** Who proposes is told where to go; who asked for a transfer, that there is another. */
function isTransferring(outcome: Outcome): outcome is Extract<Outcome, { outcome: 'refused' }> {
  return outcome.outcome === 'refused' && outcome.reason === 'transferring';
}

function refusalOf(reason: RefusalReason, leader: NodeId | null): RaftError {
  switch (reason) {
    case 'not-leader':
      return new NotLeaderError(leader);
    case 'too-many-uncommitted-bytes':
      return new OverloadedError('uncommittedBytesMax is reached: try again when some proposals are done');
    case 'too-many-waiting-reads':
      return new OverloadedError('waitingReadsMax is reached: try again when some reads are done');
    case 'transferring':
    case 'target-leads':
    case 'no-such-target':
    case 'transfer-failed':
      return new TransferRefusedError(reason);
    case 'failed':
      return new NodeFailedError(new Error('its disk failed'));
    case 'membership-is-changing':
    case 'term-not-committed':
    case 'configuration-changed':
    case 'invalid-targets':
    case 'id-was-removed':
    case 'not-caught-up':
    case 'no-live-quorum':
      return new MembershipRefusedError(reason);
  }
}
