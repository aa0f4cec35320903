/** What a host asks of its node: each call becomes one input of the core, and one answer. */

import type { Input, LogIndex, NodeId, NodeState, Ref } from '@raftkv/core';
import { MembershipRefusedError, ProposalTooLargeError, type RaftError } from '../errors.ts';
import type { Clock } from '../ports/clock.ts';
import { refusal, type Ending } from './ending.ts';
import { hasUnmetVoter, targetsOf, type KnownMembers, type MembershipChange } from './membership-change.ts';
import type { Counters } from './metrics.ts';
import type { ReadOptions } from './options.ts';
import type { Applied, Done, MembershipChanged, Refused, Requests } from './requests.ts';

export interface CallsHost {
  /** Runs what comes from outside, unless the node has ended; an exception ends the node. */
  guard(work: () => void): void;
  step(input: Input): void;
  state(): NodeState;
  ending(): Ending | null;
}

export interface CallsOptions {
  readonly clock: Clock;
  readonly proposalBytesMax: number;
}

export class Calls<Result> {
  private readonly options: CallsOptions;
  private readonly host: CallsHost;
  private readonly requests: Requests<Result>;
  private readonly members: KnownMembers;
  private readonly counters: Counters;

  constructor(
    options: CallsOptions,
    host: CallsHost,
    requests: Requests<Result>,
    members: KnownMembers,
    counters: Counters,
  ) {
    this.options = options;
    this.host = host;
    this.requests = requests;
    this.members = members;
    this.counters = counters;
  }

  propose(data: Uint8Array, isOwned: boolean, done: Done<Applied<Result>>): void {
    if (!(data instanceof Uint8Array)) throw new TypeError('a command has to be a Uint8Array');
    this.counters.proposals += 1;
    const { proposalBytesMax } = this.options;
    if (data.length > proposalBytesMax) {
      return this.refuseLater(done, new ProposalTooLargeError(data.length, proposalBytesMax));
    }
    // Not `slice`, which on a Buffer of Node shares the memory.
    const owned = isOwned ? data : new Uint8Array(data);
    const ref = this.ask(done, { kind: 'propose', ref: this.requests.nextRef(), data: owned });
    if (ref !== null) this.requests.addProposal(ref, done);
  }

  read(done: Done<LogIndex>, options: ReadOptions = {}): void {
    this.counters.reads += 1;
    const ref = this.ask(done, { kind: 'read', ref: this.requests.nextRef(), ...options });
    if (ref !== null) this.requests.addRead(ref, done);
  }

  transferLeadership(target: NodeId | null, done: Done<NodeId | null>): void {
    this.counters.transfers += 1;
    const ref = this.ask(done, { kind: 'transferLeadership', ref: this.requests.nextRef(), target });
    if (ref !== null) this.requests.addTransfer(ref, done);
  }

  changeMembership(change: MembershipChange, done: Done<MembershipChanged>): void {
    const targets = targetsOf(change, this.members);
    const { ifIndex = null, force = false } = change;
    this.counters.membershipChanges += 1;
    // Who does not lead says so, whatever it knows of members.
    if (this.host.state().role.kind === 'leader' && hasUnmetVoter(change, this.members)) {
      return this.refuseLater(done, new MembershipRefusedError('not-caught-up'));
    }
    const input = {
      kind: 'changeMembership',
      ref: this.requests.nextRef(),
      targets,
      ifIndex,
      force,
    } as const;
    const ref = this.ask(done, input);
    if (ref !== null) this.requests.addChange(ref, done);
  }

  /** The name under which an answer will come; `null` where the node has ended, and `done` is told so. */
  private ask(done: (answer: Refused) => void, input: Extract<Input, { readonly ref: Ref }>): Ref | null {
    this.host.guard(() => this.host.step(input));
    const ending = this.host.ending();
    if (ending === null) return input.ref;
    this.refuseLater(done, refusal(ending));
    return null;
  }

  private refuseLater(done: (answer: Refused) => void, error: RaftError): void {
    this.options.clock.endOfTurn(() => this.requests.refuse(done, error));
  }
}
