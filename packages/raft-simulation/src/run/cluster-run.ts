/** A plan, run: the cluster that it describes, what happens to it, what is asked of it, and the checks. */

import {
  configurationOf,
  firstConfiguration,
  noConfiguration,
  nodeId,
  type Configuration,
  type NodeId,
} from '@raftkv/core';
import { EmptiedMemberError, type RaftError } from '@raftkv/runtime';
import { Acknowledged } from '../check/acknowledged.ts';
import { ClusterChecks } from '../check/cluster-checks.ts';
import { check } from '../check/violation.ts';
import { SimulatedLogDisk } from '../disk/log-disk.ts';
import { SyncFailedError } from '../disk/settings.ts';
import { SimulatedNetwork } from '../network/network.ts';
import { emptyingRuleAmong } from '../plan/emptying.ts';
import { askedHost, Injector } from '../plan/injector.ts';
import { changeTo, membersAfter, type ChangePlan } from '../plan/membership.ts';
import type { HostPlan, Plan, RequestPlan } from '../plan/plan.ts';
import { SimulatedHost } from '../process/host.ts';
import { SimulationError, World } from '../world/world.ts';
import { machineListener } from './machine-listener.ts';
import { member, type Sabotage } from './member.ts';
import { messageLine } from './message-line.ts';
import { areAdmitted, lose, peaceOf } from './peace.ts';
import { commandOf, Requests, type Request } from './requests.ts';
import { violationOf, type RunResult, type Violation } from './result.ts';
import { Supervisor } from './supervisor.ts';
import { Survivors } from './survivors.ts';

/** A cluster that has healed has so long to elect, commit, answer and come to the same. */
const LIVENESS_MS = 60_000;
/** Members that have never run are admitted within this, if all others are there. */
const ADMISSION_MS = 10_000;
/** Between two calls of the liveness phase. */
const CALL_MS = 100;

/** What a run may be told beside its plan. */
export interface RunOptions {
  /** How many lines of the trace a violation shows; 200. */
  readonly traceLinesMax?: number;
  /** Breaks nodes on purpose; nothing unless given. */
  readonly sabotage?: Sabotage;
}

export class ClusterRun {
  readonly world: World;
  readonly network: SimulatedNetwork;
  readonly hosts: readonly SimulatedHost<SimulatedLogDisk>[];
  readonly requests: Requests;
  private readonly plan: Plan;
  private readonly sabotage: Sabotage;
  private readonly checks: ClusterChecks;
  private readonly injector: Injector<SimulatedLogDisk>;
  readonly supervisor: Supervisor<SimulatedLogDisk>;
  private readonly survivors: Survivors<SimulatedLogDisk>;
  private isLivenessJudged = true;

  constructor(plan: Plan, { traceLinesMax, sabotage = {} }: RunOptions = {}) {
    this.plan = plan;
    this.sabotage = sabotage;
    this.world = new World(plan.seed, traceLinesMax);
    this.network = new SimulatedNetwork(this.world, plan.weather);
    this.network.onSend((from, to, messages) => {
      for (const message of messages) this.world.note(messageLine(from, to, message));
    });
    const first = plan.hosts.filter(({ isSpare = false }) => !isSpare);
    const voters = first.map(({ id }) => ({ id: nodeId(id), data: new Uint8Array(0) }));
    const configuration = firstConfiguration(voters);
    this.hosts = plan.hosts.map((host) =>
      this.makeHost(host, host.isSpare === true ? noConfiguration() : configuration),
    );
    this.requests = new Requests(new Acknowledged(this.hosts));
    this.survivors = new Survivors(plan, this.hosts);
    const disks = new Map(this.hosts.map((host) => [host.id, host.disk]));
    this.checks = new ClusterChecks(this.world, this.network, this.hosts, disks);
    this.supervisor = new Supervisor(this.world, this.hosts, adviceFor);
    this.injector = new Injector(this.world, this.network, this.hosts, {
      ...(plan.changes === undefined ? {} : { mayEmpty: emptyingRuleAmong(configuration) }),
      onTransfer: (id) => {
        const request = this.requests.ask('transfer', id, this.world.nowMs);
        return (error) => this.onEnded(request, error);
      },
    });
  }

  async run(): Promise<RunResult> {
    try {
      await this.safety();
      await this.peace();
      this.isLivenessJudged = this.survivors.canServe;
      if (this.isLivenessJudged) await this.liveness();
      return this.result(null);
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      return this.result(violationOf(error));
    }
  }

  private async safety(): Promise<void> {
    const { world, plan } = this;
    for (const host of this.hosts) world.after(world.chance.between(0, 50), () => host.start());
    this.injector.schedule(plan.faults);
    for (const request of plan.requests) world.after(request.atMs, () => this.call(request));
    for (const change of plan.changes ?? []) world.after(change.atMs, () => this.change(change));
    await world.runUntil(plan.safetyMs);
  }

  /** All heal; those that are lost for good are lost once the others can do without them. */
  private async peace(): Promise<void> {
    const { world, plan } = this;
    world.after(0, () => {
      world.note('peace');
      this.injector.heal();
      this.network.setWeather(peaceOf(plan.weather));
      this.supervisor.startAll();
    });
    await world.runUntil(
      plan.safetyMs + ADMISSION_MS,
      () => world.nowMs > plan.safetyMs && areAdmitted(this.survivors.hosts),
    );
    world.after(0, () => {
      this.survivors.chooseLost();
      lose(this.survivors.lost, this);
    });
    await world.runUntil(world.nowMs);
  }

  private async liveness(): Promise<void> {
    const { world } = this;
    const beganMs = world.nowMs;
    world.after(0, () => this.callAgain(beganMs));
    await world.runUntil(beganMs + LIVENESS_MS, () => world.nowMs > beganMs && this.isDone(beganMs));
    world.after(0, () => this.checkProgress(beganMs));
    await world.runUntil(world.nowMs);
  }

  /** Goes on until something was served: what waits from before the peace would be all that there is to see. */
  private callAgain(sinceMs: number): void {
    if (this.requests.isServedSince(sinceMs)) return;
    for (const kind of ['propose', 'read'] as const) {
      this.call({ atMs: this.world.nowMs, target: 'leader', kind, count: 1, bytes: 8 });
    }
    this.world.after(CALL_MS, () => this.callAgain(sinceMs));
  }

  private call({ target, kind, count, bytes, maxStalenessMs }: RequestPlan): void {
    const asked = askedHost(this.hosts, target);
    const host = asked ?? this.hosts.find(({ running }) => running !== null);
    // A process that stands still takes no calls.
    if (host === undefined || host.running === null || host.isPaused) return;
    for (let left = count; left > 0; left -= 1) {
      if (kind === 'propose') this.propose(host, bytes);
      else this.read(host, kind === 'follower-read', maxStalenessMs);
    }
  }

  private change(plan: ChangePlan): void {
    const host = askedHost(this.hosts, plan.target);
    const node = host?.running?.node;
    if (host === null || node === undefined || host.isPaused) return;
    const ids = this.hosts.map(({ id }) => id);
    const members = membersAfter(plan, configurationOf(node.coreState()), ids);
    if (members === null) return;
    const request = this.requests.ask('change', host.id, this.world.nowMs);
    this.world.note(`${request.number} ${plan.way}: ${members.voters.join()} + ${members.learners.join()}`);
    node.changeMembership(changeTo(plan, members, node.status().configurationIndex)).then(
      () => this.onEnded(request, null),
      (error: RaftError) => this.onEnded(request, error),
    );
  }

  private onEnded(request: Request, error: RaftError | null): void {
    this.checks.guard(() => this.noteOutcome(request.number, this.requests.onEnded(request, error)));
  }

  private propose(host: SimulatedHost<SimulatedLogDisk>, bytes: number): void {
    const request = this.requests.ask('propose', host.id, this.world.nowMs);
    host.running?.node.submit(commandOf(request.number, bytes), (answer) =>
      this.checks.guard(() => this.noteOutcome(request.number, this.requests.onProposed(request, answer))),
    );
  }

  private read(host: SimulatedHost<SimulatedLogDisk>, asksLeader: boolean, maxStalenessMs = 0): void {
    const { running } = host;
    const request = this.requests.ask('read', host.id, this.world.nowMs, maxStalenessMs);
    running?.node.submitRead(
      (answer) =>
        this.checks.guard(() => {
          const appliedIndex = this.checks.appliedBy(host.id);
          this.noteOutcome(request.number, this.requests.onRead(request, answer, appliedIndex));
        }),
      { asksLeader, maxStalenessMs },
    );
  }

  private noteOutcome(number: number, outcome: string): void {
    this.world.note(`request ${number} ${outcome}`);
  }

  private isDone(sinceMs: number): boolean {
    return this.requests.isServedSince(sinceMs) && this.behind().length === 0 && this.waiting() === 0;
  }

  private behind(): NodeId[] {
    const lastIndex = this.checks.committedIndex;
    return this.survivors.hosts
      .filter(({ running }) => running?.node.coreState().appliedIndex !== lastIndex)
      .map(({ id }) => id);
  }

  private waiting(): number {
    return this.requests.waiting(this.survivors.hosts.map(({ id }) => id)).length;
  }

  private checkProgress(sinceMs: number): void {
    const isServed = this.requests.isServedSince(sinceMs);
    check(isServed, 'progress', () => 'nothing was written, or nothing read, since all healed');
    const behind = this.behind();
    const lastIndex = this.checks.committedIndex;
    check(behind.length === 0, 'progress', () => `${behind.join()} did not apply ${lastIndex}`);
    check(this.waiting() === 0, 'one-outcome', () => `${this.waiting()} calls were never answered`);
    this.requests.checkEffects();
  }

  private makeHost(plan: HostPlan, configuration: Configuration): SimulatedHost<SimulatedLogDisk> {
    const { world } = this;
    const chance = world.chance.fork(`disk of ${plan.id}`);
    const disk = new SimulatedLogDisk({ world, chance, configuration, settings: plan.disk });
    const program = member({
      core: this.plan.core,
      applyMs: plan.applyMs,
      sabotage: this.sabotage,
      chance: world.chance.fork(`machine of ${plan.id}`),
      snapshotLogBytes: this.plan.snapshotLogBytes,
      machine: machineListener(() => ({ checks: this.checks, requests: this.requests })),
      onStop: (id) => this.requests.onCrash(nodeId(id)),
    });
    return new SimulatedHost(world, {
      id: nodeId(plan.id),
      network: this.network,
      disk,
      program,
      clock: plan.clock,
    });
  }

  private result(violation: Violation | null): RunResult {
    const { world, requests } = this;
    return {
      seed: this.plan.seed,
      digest: world.digest(),
      events: world.events,
      simulatedMs: world.nowMs,
      faults: Object.fromEntries(
        [...this.injector.happened].toSorted(([one], [other]) => (one < other ? -1 : 1)),
      ),
      requests: {
        done: requests.count('done'),
        'not-applied': requests.count('not-applied'),
        unknown: requests.count('unknown'),
        lost: requests.count('lost'),
      },
      isLivenessJudged: this.isLivenessJudged,
      snapshots: { arrived: this.network.snapshotsArrived, restored: this.checks.restored },
      committed: this.checks.committedIndex,
      violation,
    };
  }
}

/** A disk that failed is started again; an emptied member says so and stays away (R28). */
function adviceFor(failure: Error, { disk }: SimulatedHost<SimulatedLogDisk>): 'start-again' | 'leave' {
  if (failure instanceof SyncFailedError) return 'start-again';
  if (failure instanceof EmptiedMemberError && disk.wipes > 0) return 'leave';
  throw failure;
}
