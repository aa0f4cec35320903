/** The end of a run: who has to serve, whether they do, and what must be true of them. */

import { committedConfigurationOf } from '@raftkv/core';
import {
  canServe,
  ClusterChecks,
  lastConfigurations,
  lose,
  possibleConfigurations,
  Survivors,
  type SimulatedHost,
  type SimulatedNetwork,
  type Supervisor,
  type World,
} from '@raftkv/simulation';
import type { History } from '../workload/history.ts';
import { BrokenPromise } from './broken-promise.ts';
import type { ClientNetwork } from './client-network.ts';
import { wordsOf } from './configuration-words.ts';
import { finalFailure } from './final-checks.ts';
import type { KeyValueProcess } from './key-value-program.ts';
import { urlOf } from './member-urls.ts';
import type { Operator } from './operator.ts';
import { isNarrow, type StackPlan } from './plan.ts';
import type { Probe } from './probe.ts';
import { Silence } from './silence.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { violated } from './violated.ts';

type Host = SimulatedHost<SimulatedDisk>;

/** What a member that is behind may take for one entry, where they come one by one: a round trip and the slowest disk. */
const ENTRY_MS = 100;
/** No clock of a plan is slower, and no network in peace takes more of it. */
const SLOWEST = 1.2;
/** Who was removed campaigns, and is told so, within so many of the longest election timeouts. */
const TIMEOUTS_TO_BE_TOLD = 4;

export interface EndingOptions {
  readonly plan: StackPlan;
  readonly world: World;
  readonly hosts: readonly Host[];
  readonly processes: ReadonlyMap<string, KeyValueProcess>;
  readonly network: SimulatedNetwork;
  readonly clients: ClientNetwork;
  readonly supervisor: Supervisor<SimulatedDisk>;
  readonly checks: ClusterChecks;
  readonly operator: Operator;
  readonly history: History;
}

export class Ending {
  private readonly options: EndingOptions;
  private readonly members: Survivors<SimulatedDisk>;
  private readonly silence: Silence;
  private readonly doMembersChange: boolean;

  constructor(options: EndingOptions) {
    const { plan, world, hosts, network } = options;
    this.options = options;
    this.doMembersChange = plan.cluster.changes !== undefined;
    this.members = new Survivors(plan.cluster, hosts, isGone);
    this.silence = new Silence(world, network);
  }

  /** Those that have to serve in the end. A plan that was shortened may leave out that somebody is lost, but not that a disk is. */
  get survivors(): readonly Host[] {
    const { hosts } = this.options;
    if (!this.doMembersChange) return hosts.filter((host) => this.isKept(host));
    // While nobody runs, nobody knows who takes part.
    return lastConfigurations(hosts).length === 0 ? hosts : this.members.hosts;
  }

  /** Whom the last client talks to: where members change, who leads in the end may be about to go, or just have come. */
  get reachable(): readonly Host[] {
    const { hosts } = this.options;
    const kept = hosts.filter((host) => this.isKept(host));
    return kept.length === 0 ? hosts : kept;
  }

  /** Clients may go on talking to whoever is lost, unless it is down or cut off from them too. */
  lose(): void {
    const { network, hosts, supervisor, clients } = this.options;
    this.members.chooseLost();
    const { lost } = this.members;
    lose(lost, { network, hosts, supervisor });
    for (const { id, how } of lost) if (how === 'cut off') clients.drop(urlOf(id));
  }

  /** The cluster may need the very member that is behind most, once others are lost. */
  get catchUpMs(): number {
    const { plan, checks } = this.options;
    if (!isNarrow(plan.cluster.core)) return 0;
    const applied = this.serving.map(({ running }) => running?.node.status().appliedIndex ?? 0);
    return (checks.committedIndex - Math.min(checks.committedIndex, ...applied)) * ENTRY_MS;
  }

  get behind(): readonly string[] {
    const { committedIndex } = this.options.checks;
    return this.serving
      .filter(({ running }) => running?.node.coreState().appliedIndex !== committedIndex)
      .map(({ id }) => id);
  }

  /** @throws {BrokenPromise} if the cluster could have served and did not, or if what its nodes hold is not what it has to be. */
  check(probe: Probe): void {
    const { world, checks, operator, processes, history } = this.options;
    const { behind, serving } = this;
    if (this.isQuorum) {
      if (!probe.isDone) throw new BrokenPromise('live', `until ${world.nowMs} ms ${probe.waitsFor}`);
      if (behind.length > 0)
        throw new BrokenPromise('live', `${behind.join()} did not apply ${checks.committedIndex}`);
      const [waiting] = operator.waiting(serving);
      if (waiting !== undefined) throw violated('one-outcome', `${waiting} was never answered`);
    }
    // Of a cluster that cannot serve, those that have applied as much hold the same all the same.
    const equals = serving.filter(({ id }) => !behind.includes(id));
    const machines = equals.flatMap(({ id }) => {
      const process = processes.get(id);
      return process === undefined ? [] : [[id, process.machine] as const];
    });
    const failure = finalFailure(history, new Map(machines));
    if (failure !== null) throw failure;
    checkMembers(equals);
  }

  /** Lets who was removed campaign once more and hear of it, and then none of them may ask for votes. */
  async awaitSilence(): Promise<void> {
    const { plan, world, hosts } = this.options;
    const [last] = lastConfigurations(hosts);
    if (!this.doMembersChange || !this.isQuorum || last === undefined) return;
    const timeoutMs = (plan.cluster.core.electionTimeoutMaxMs ?? 1000) * SLOWEST;
    const toldMs = world.nowMs + TIMEOUTS_TO_BE_TOLD * timeoutMs;
    await world.runUntil(toldMs + 2 * timeoutMs);
    world.after(0, () =>
      this.silence.check(
        hosts.filter((host) => this.isKept(host)),
        this.serving,
        last,
        toldMs,
      ),
    );
    await world.runUntil(world.nowMs);
  }

  /**
   * Survivors that can take part. One that came back without a log waits until all other voters have vouched for it (R28): for
   * ever, if one of those has lost its disk.
   */
  private get serving(): readonly Host[] {
    if (!this.options.hosts.some(isGone)) return this.survivors;
    return this.survivors.filter((host) => !isOnProbation(host));
  }

  /** Are those that are there enough to decide? */
  private get isQuorum(): boolean {
    const { hosts } = this.options;
    if (!this.doMembersChange) return this.serving.length * 2 > hosts.length;
    const there = hosts.filter((host) => this.isKept(host) && !isOnProbation(host)).map(({ id }) => id);
    return canServe(possibleConfigurations(hosts), (id) => there.includes(id));
  }

  private isKept(host: Host): boolean {
    return !isGone(host) && this.members.lost.every(({ id }) => id !== host.id);
  }
}

/** All of `hosts`, which have applied the same, know the same members. */
function checkMembers(hosts: readonly Host[]): void {
  const known = hosts.flatMap(({ id, running }) =>
    running === null ? [] : [{ id, words: wordsOf(committedConfigurationOf(running.node.coreState())) }],
  );
  const [first] = known;
  const other = known.find(({ words }) => words !== first?.words);
  if (first === undefined || other === undefined) return;
  const why = `${first.id} knows ${first.words}, and ${other.id} ${other.words}`;
  throw new BrokenPromise('members-agree', why);
}

function isGone({ disk }: Host): boolean {
  return disk.isDamaged || disk.wipes > 0;
}

function isOnProbation({ running }: Host): boolean {
  return running?.node.status().isOnProbation === true;
}
