/**
 * One member of a cluster: performs what the core decides, through ports for the log, the peers, the state machine and
 * time. Effects are performed in their order; what a turn sends leaves at its end, and what it applies comes last.
 */

import { CLUSTER_ID_BYTES, recover, type LogIndex, type NodeId, type NodeState } from '@raftkv/core';
import type { StoredLog } from '../ports/log-storage.ts';
import type { Command } from '../ports/state-machine.ts';
import { Applier, type ApplierHost } from './applier.ts';
import { Calls, type CallsHost } from './calls.ts';
import { DiskWork, type DiskHost } from './disk-work.ts';
import { refusal, unknownOutcome, type Ending } from './ending.ts';
import { nodeMembers, type NodeMembers } from './members.ts';
import type { MembershipChange } from './membership-change.ts';
import { newCounters, type NodeMetrics } from './metrics.ts';
import { checkSilence, completeOptions, type RaftNodeOptions, type ReadOptions } from './options.ts';
import { Outbox } from './outbox.ts';
import { Performer, type PerformerHost } from './performer.ts';
import { Peers, type PeersHost } from './peers.ts';
import { randomNumber } from './random-number.ts';
import { Requests, settle, type Applied, type Done, type MembershipChanged } from './requests.ts';
import { Snapshots, type SnapshotsHost } from './snapshots.ts';
import { isLoneVoter, nodeStatus, type NodeStatus } from './status.ts';
import { tell } from './tell.ts';
import { Turns, type TurnHost } from './turns.ts';

/** A member of a cluster, around a state machine of the host. `start` makes one. */
export class RaftNode<Result> {
  private readonly options: Required<RaftNodeOptions<Result>>;
  private readonly counters = newCounters();
  private readonly turns: Turns;
  private readonly outbox: Outbox;
  private readonly requests: Requests<Result>;
  private readonly applier: Applier<Result>;
  private readonly disk: DiskWork;
  private readonly peers: Peers;
  private readonly calls: Calls<Result>;
  private readonly snapshots: Snapshots;
  private readonly performer: Performer<Result>;
  private ending: Ending | null = null;
  private transportClosed: Promise<void> | null = null;
  private allClosed: Promise<void> | null = null;

  /**
   * Loads the storage, connects, and takes part. What it was given is its own from then on, and closed with it; also
   * where this throws.
   *
   * @throws {OptionsError} if an option makes no sense, or `core` and `transport` do not fit.
   * @throws {EmptiedMemberError} if a peer says so while the transport starts.
   * @throws what the storage or the transport throw when they cannot start.
   */
  static async start<Result>(options: RaftNodeOptions<Result>): Promise<RaftNode<Result>> {
    let node: RaftNode<Result> | null = null;
    try {
      const complete = completeOptions(options);
      node = new RaftNode(complete, await options.storage.load());
      node.peers.announce();
      await options.transport.start(node.peers);
      node.begin();
      return node;
    } catch (error) {
      await (node ?? options.storage).close();
      throw error;
    }
  }

  private constructor(options: Required<RaftNodeOptions<Result>>, stored: StoredLog) {
    const { id, core, clock, randomBytes, stateMachine, storage, transport, about } = options;
    const { counters } = this;
    const host = this.host();
    const chance = { seed: randomNumber(randomBytes), clusterIdProposal: randomBytes(CLUSTER_ID_BYTES) };
    const state = recover({ ...core, ...chance, id }, stored.record, clock.nowMs());
    checkSilence(transport, state.options.electionTimeoutMaxMs);
    const peers = { id, about, processNumber: randomNumber(randomBytes), stored, storage, state };
    this.options = options;
    this.outbox = new Outbox(counters);
    this.requests = new Requests(counters);
    this.turns = new Turns(state, clock, host, counters);
    this.applier = new Applier(stateMachine, host, counters);
    this.disk = new DiskWork(storage, host, counters);
    this.peers = new Peers(peers, host, counters);
    this.calls = new Calls(options, host, this.requests, this.peers, counters);
    this.snapshots = new Snapshots(options, host, counters);
    const { disk, outbox, applier, requests, snapshots } = this;
    this.performer = new Performer(
      { disk, outbox, peers: this.peers, applier, requests, snapshots, transport },
      host,
    );
  }

  /**
   * Replicates `data`, which is copied, and answers when this node's state machine has applied it.
   *
   * @throws {RaftError} of which `outcome` says whether it may have taken effect.
   */
  propose(data: Uint8Array): Promise<Applied<Result>> {
    return new Promise((resolve, reject) => {
      this.calls.propose(data, false, settle(resolve, reject));
    });
  }

  /**
   * As `propose`, without a promise for each command, and without the copy: `data` is the node's from then on, and must not
   * change. `done` is called once, never before this method has returned.
   */
  submit(data: Uint8Array, done: Done<Applied<Result>>): void {
    this.calls.propose(data, true, done);
  }

  /**
   * From when it resolves on, a read of this node's state machine sees every command that was acknowledged anywhere
   * before this call. Gives the index up to which it has to see them. Only the leader confirms reads; `options` may let
   * another node ask it.
   *
   * @throws {RaftError}
   */
  read(options?: ReadOptions): Promise<LogIndex> {
    return new Promise((resolve, reject) => {
      this.calls.read(settle(resolve, reject), options);
    });
  }

  /** As `read`, without a promise for each. `done` is called once, never before this method has returned. */
  submitRead(done: Done<LogIndex>, options: ReadOptions = {}): void {
    this.calls.read(done, options);
  }

  /**
   * Makes others the members of the cluster. Resolves when they are, and the way there is over; a new member has to be
   * started with no configuration of its own, and hears of the others from the leader. Only the leader takes it.
   *
   * @throws {MembershipRefusedError} whose `reason` says what is in the way.
   * @throws {RaftError} of another kind; `outcome` says whether the change may yet take place.
   */
  changeMembership(change: MembershipChange): Promise<MembershipChanged> {
    return new Promise((resolve, reject) => {
      this.calls.changeMembership(change, settle(resolve, reject));
    });
  }

  /** Asks the others at once whether they would elect this node. Nothing on a leader, or on probation (R28). */
  campaign(): void {
    this.guard(() => {
      if (!this.peers.isOnProbation) this.turns.step({ kind: 'campaign' });
    });
  }

  /**
   * Hands leadership to `target`, or to the peer that lacks least. Meanwhile, at most for the longest election timeout,
   * proposals are refused with `NotLeaderError`; reads go on. Resolves once a later term has begun, with who leads it, `null`
   * while that is open: `status` tells it later.
   *
   * @throws {NotLeaderError} on a node that does not lead.
   * @throws {TransferRefusedError} if this node leads on, or the target makes no sense.
   * @throws {OutcomeUnknownError} if office was lost in another way after the target was told.
   */
  transferLeadership(target: NodeId | null = null): Promise<NodeId | null> {
    return new Promise((resolve, reject) => {
      this.calls.transferLeadership(target, settle(resolve, reject));
    });
  }

  /** Once the node is closed, what it was last. */
  status(): NodeStatus {
    return nodeStatus(this.turns.state, this.peers);
  }

  /** Who takes part, as far as this node knows. */
  members(): NodeMembers {
    return nodeMembers(this.turns.state);
  }

  /** All that the core knows at this moment, for who checks or shows it: it is never changed, and its fields are no promise. */
  coreState(): NodeState {
    return this.turns.state;
  }

  /** Counted since the node was started; a copy. */
  metrics(): NodeMetrics {
    return { ...this.counters };
  }

  /**
   * Takes no further part. Proposals under way end in `OutcomeUnknownError`, reads in `NodeClosedError`. Resolves when
   * the transport is closed and the storage has finished its writes; a second call waits for the first.
   */
  close(): Promise<void> {
    this.allClosed ??= this.end({ kind: 'closed' }).then(() => this.options.storage.close());
    return this.allClosed;
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A lone voter has nobody to wait for. */
  private begin(): void {
    this.guard(() => {
      this.peers.follow();
      this.turns.step({ kind: isLoneVoter(this.turns.state) ? 'campaign' : 'timer' });
    });
    if (this.ending?.kind === 'failed') throw this.ending.cause;
  }

  private host(): TurnHost &
    ApplierHost<Result> &
    PeersHost &
    DiskHost &
    CallsHost &
    SnapshotsHost &
    PerformerHost {
    return {
      guard: (work) => this.guard(work),
      fail: (cause) => this.fail(cause),
      step: (input) => this.turns.step(input),
      state: () => this.turns.state,
      ending: () => this.ending,
      isOnProbation: () => this.peers.isOnProbation,
      perform: (effects) => this.performer.perform(effects),
      onChanged: () => this.tellChanged(),
      onApplied: (index, commands, results) => this.onApplied(index, commands, results),
      onInstalled: (index) => this.onInstalled(index),
      occupyMachine: (index, work) => this.applier.install(index, work),
      clusterId: () => this.peers.clusterId,
      learnClusterId: (clusterId) => this.peers.learnClusterId(clusterId),
      receiveSnapshot: (from, head, content) => this.snapshots.receive(from, head, content),
      release: (write) => this.outbox.release(write),
      setPeers: (peers) => this.options.transport.setPeers?.(peers),
      notify: (notice) => tell(() => this.options.observer.onNotice?.(notice)),
      tellOfPeer: (peer, about) => tell(() => this.options.observer.onPeer?.(peer, about)),
    };
  }

  private onApplied(index: LogIndex, commands: readonly Command[], results: readonly Result[]): void {
    this.requests.onResults(commands, results);
    this.requests.onApplied(index);
    this.turns.step({ kind: 'applied', index });
    this.snapshots.takeIfDue(index);
  }

  private onInstalled(index: LogIndex): void {
    this.requests.onInstalled(index);
    this.turns.step({ kind: 'applied', index });
  }

  /** The one door for everything that comes from outside: closed once the node has ended, and no exception leaves by it. */
  private guard(work: () => void): void {
    if (this.ending !== null) return;
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }

  /** Final: going on after a failed write or a broken invariant could lose what was acknowledged (R6). */
  private fail(thrown: unknown): void {
    if (this.ending !== null) return;
    const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
    void this.end({ kind: 'failed', cause });
    this.tellChanged();
    const { observer } = this.options;
    tell(() => observer.onFailed?.(cause));
  }

  /** From here on nothing is sent, written, applied or acknowledged. Resolves when the transport is closed. */
  private end(ending: Ending): Promise<void> {
    this.ending = ending;
    if (ending.kind === 'failed') this.turns.fail();
    else this.turns.stop();
    this.transportClosed ??= this.options.transport.close();
    this.requests.endAll(
      () => unknownOutcome(ending),
      () => refusal(ending),
    );
    return this.transportClosed;
  }

  private tellChanged(): void {
    const { observer } = this.options;
    tell(() => observer.onChanged?.(this.status()));
  }
}
