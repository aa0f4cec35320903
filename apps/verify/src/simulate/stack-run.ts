/** A plan, run: the stack that it describes, what befalls it, what clients make of it, and the checks. */

import { firstConfiguration, noConfiguration, nodeId, type Configuration } from '@raftkv/core';
import {
  Acknowledged,
  ClusterChecks,
  emptyingRuleAmong,
  Injector,
  SimulatedHost,
  SimulatedNetwork,
  SimulationError,
  Supervisor,
  World,
  areAdmitted,
  messageLine,
  peaceOf,
  type HostPlan,
  type Violation,
} from '@raftkv/simulation';
import { sharedKeys } from '../workload/calls.ts';
import { adviceFor } from './advice.ts';
import { ClientNetwork } from './client-network.ts';
import { Ending } from './ending.ts';
import { FollowerReads } from './follower-reads.ts';
import { KeyValueProgram, type KeyValueProcess } from './key-value-program.ts';
import { urlOf } from './member-urls.ts';
import { NotedHistory } from './noted-history.ts';
import { Operator } from './operator.ts';
import type { StackPlan } from './plan.ts';
import { Probe } from './probe.ts';
import { stackViolation, type StackResult } from './result.ts';
import { SessionPromises } from './session-promises.ts';
import { SimulatedClient } from './simulated-client.ts';
import { SimulatedDisk } from './simulated-disk.ts';
import { SnapshotBytes } from './snapshot-bytes.ts';
import { StackInjector } from './stack-injector.ts';

type Host = SimulatedHost<SimulatedDisk>;

/** A cluster that has healed has so long to serve, to answer all that waits, and to come to the same. */
const LIVENESS_MS = 60_000;
/** Members that have never run are admitted within this, if all others are there. */
const ADMISSION_MS = 10_000;
/** Clients come one after another. */
const ARRIVAL_MS = 300;

class StackRun {
  private readonly plan: StackPlan;
  private readonly world: World;
  private readonly network: SimulatedNetwork;
  private readonly clientNetwork: ClientNetwork;
  private readonly hosts: readonly Host[];
  private readonly processes = new Map<string, KeyValueProcess>();
  private readonly snapshotBytes = new SnapshotBytes();
  private readonly sessionPromises: SessionPromises;
  private readonly checks: ClusterChecks;
  private readonly injector: Injector<SimulatedDisk>;
  private readonly stackInjector: StackInjector;
  private readonly supervisor: Supervisor<SimulatedDisk>;
  private readonly clients: SimulatedClient[] = [];
  private readonly history: NotedHistory;
  private readonly operator: Operator;
  private readonly followerReads: FollowerReads;
  private readonly ending: Ending;

  constructor(plan: StackPlan) {
    const { cluster } = plan;
    this.plan = plan;
    this.world = new World(cluster.seed);
    this.network = new SimulatedNetwork(this.world, cluster.weather);
    this.network.onSend((from, to, messages) => {
      for (const message of messages) this.world.note(messageLine(from, to, message));
    });
    this.clientNetwork = new ClientNetwork(this.world, this.world.chance.fork('client network'));
    this.sessionPromises = new SessionPromises(() => this.world.nowMs, smallJumps(cluster));
    const voters = cluster.hosts
      .filter(({ isSpare = false }) => !isSpare)
      .map(({ id }) => ({ id: nodeId(id), data: new Uint8Array() }));
    const first = firstConfiguration(voters);
    this.hosts = cluster.hosts.map((host) =>
      this.makeHost(host, host.isSpare === true ? noConfiguration() : first),
    );
    const revisions = new Acknowledged(this.hosts);
    this.history = new NotedHistory(this.world, (revision) => revisions.note(revision));
    const disks = new Map(this.hosts.map(({ id, disk }) => [id, disk]));
    this.checks = new ClusterChecks(this.world, this.network, this.hosts, disks);
    this.supervisor = new Supervisor(this.world, this.hosts, adviceFor);
    this.operator = new Operator({
      world: this.world,
      hosts: this.hosts,
      onBroken: (broken) => this.fail(broken),
    });
    this.injector = new Injector(this.world, this.network, this.hosts, {
      onTransfer: this.operator.onTransfer,
      ...(cluster.changes === undefined ? {} : { mayEmpty: emptyingRuleAmong(first) }),
    });
    this.stackInjector = new StackInjector(this.world, this.network, this.hosts, this.clientNetwork);
    this.followerReads = new FollowerReads({
      world: this.world,
      hosts: this.hosts,
      processOf: ({ id, running }) => (running === null ? null : (this.processes.get(id) ?? null)),
      keys: this.keys,
      number: plan.clients.length + 1,
      history: this.history,
      acknowledged: revisions,
      onBroken: (broken) => this.fail(broken),
    });
    const { world, hosts, processes, network, supervisor, checks, operator, history } = this;
    const parts = { plan, world, hosts, processes, network, supervisor, checks, operator, history };
    this.ending = new Ending({ ...parts, clients: this.clientNetwork });
  }

  async run(): Promise<StackResult> {
    try {
      await this.safety();
      await this.peace();
      await this.liveness();
      return this.result(null);
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      return this.result(stackViolation(error));
    }
  }

  private async safety(): Promise<void> {
    const { world, plan } = this;
    const arrivals = world.chance.fork('arrivals');
    for (const host of this.hosts) world.after(arrivals.between(0, 50), () => host.start());
    for (const number of plan.clients.keys()) {
      world.after(arrivals.between(0, ARRIVAL_MS), () => this.clients.push(this.makeClient(number)));
    }
    this.injector.schedule(plan.cluster.faults);
    this.stackInjector.schedule(plan.faults);
    this.operator.schedule(plan.cluster.changes ?? []);
    this.followerReads.schedule(plan.followerReads ?? []);
    await world.runUntil(plan.cluster.safetyMs);
  }

  /** All heal; those that are lost for good are lost once the others can do without them. */
  private async peace(): Promise<void> {
    const { world, plan } = this;
    world.after(0, () => {
      world.note('peace');
      this.injector.heal();
      this.stackInjector.heal();
      this.network.setWeather(peaceOf(plan.cluster.weather));
      this.supervisor.startAll();
    });
    const beganMs = world.nowMs;
    await world.runUntil(
      beganMs + ADMISSION_MS,
      () => world.nowMs > beganMs && areAdmitted(this.ending.survivors),
    );
  }

  /** The clients end their calls while one more writes until the cluster serves, and then reads everything. */
  private async liveness(): Promise<void> {
    const { world, plan, history } = this;
    const probe = new Probe({
      world,
      chance: world.chance.fork('probe'),
      network: this.clientNetwork,
      endpoints: this.ending.reachable.map(({ id }) => urlOf(id)),
      keys: this.keys,
      number: plan.clients.length,
      history,
      onError: (error) => this.fail(error),
      untilOthersEnd: () => Promise.all(this.clients.map((client) => client.stop())),
    });
    world.after(0, () => {
      this.ending.lose();
      probe.begin();
    });
    const untilMs = world.nowMs + LIVENESS_MS + this.ending.catchUpMs;
    await world.runUntil(untilMs, () => probe.isDone && this.ending.behind.length === 0);
    world.after(0, () => this.ending.check(probe));
    await world.runUntil(world.nowMs);
    await this.ending.awaitSilence();
  }

  /** Found within a process or a client, which must not see it: ends the run after this event. */
  private fail(error: unknown): void {
    this.checks.guard(() => {
      throw error;
    });
  }

  private get keys(): readonly string[] {
    return sharedKeys('k', this.plan.keyCount);
  }

  private makeHost(host: HostPlan, configuration: Configuration): Host {
    const { world, plan } = this;
    const program = new KeyValueProgram({
      configuration,
      plan,
      host,
      clients: this.clientNetwork,
      chance: world.chance.fork(`machine of ${host.id}`),
      onApply: (node, life, commands) => {
        this.checks.onApply(node, life, commands);
        this.checks.guard(() => this.sessionPromises.onApply(commands));
      },
      onRequest: (request) => this.sessionPromises.onRequest(request),
      onStarted: (process) => this.processes.set(host.id, process),
      onBroken: (broken) => this.fail(broken),
      onRestored: (node, life, index) => this.checks.onRestored(node, life, index, 0),
      snapshotBytes: this.snapshotBytes,
    });
    return new SimulatedHost(world, {
      id: nodeId(host.id),
      network: this.network,
      disk: new SimulatedDisk({
        world,
        chance: world.chance.fork(`disk of ${host.id}`),
        configuration,
        times: host.disk,
      }),
      program,
      clock: host.clock,
    });
  }

  private makeClient(number: number): SimulatedClient {
    const { world, plan, history } = this;
    const manners = plan.clients[number];
    if (manners === undefined) throw new RangeError(`no client ${number}`);
    return new SimulatedClient({
      number,
      manners,
      world,
      chance: world.chance.fork(`client ${number}`),
      network: this.clientNetwork,
      endpoints: this.hosts.map(({ id }) => urlOf(id)),
      keys: this.keys,
      history,
      onError: (error) => this.fail(error),
    });
  }

  private result(violation: Violation | null): StackResult {
    const { world, history } = this;
    return {
      seed: this.plan.cluster.seed,
      digest: world.digest(),
      events: world.events,
      simulatedMs: world.nowMs,
      faults: new Map<string, number>([
        ...this.injector.happened,
        ...this.stackInjector.happened,
        ...this.operator.happened,
        ...this.followerReads.happened,
      ]),
      operations: history.operations.length,
      unknown: history.unknownCount,
      committed: this.checks.committedIndex,
      violation,
    };
  }
}

/** Up to a heartbeat, a turn that is late is no stall, and nothing is added to any deadline for it (R39). */
function smallJumps({ core, faults }: StackPlan['cluster']): readonly { atMs: number; byMs: number }[] {
  const { heartbeatMs = 100 } = core;
  return faults.flatMap((fault) => (fault.kind === 'jump' && fault.byMs <= heartbeatMs ? [fault] : []));
}

/** Runs `plan`; the same plan gives the same result. */
export function runPlan(plan: StackPlan): Promise<StackResult> {
  return new StackRun(plan).run();
}
