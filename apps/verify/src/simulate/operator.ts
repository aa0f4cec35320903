/** The operator of a run: changes who takes part, as the plan says, and holds the cluster to what it answers. */

import {
  configurationOf,
  membersOf,
  votersOf,
  type Configuration,
  type NodeId,
  type NodeState,
} from '@raftkv/core';
import type { RaftError } from '@raftkv/runtime';
import {
  askedHost,
  changeTo,
  membersAfter,
  type ChangePlan,
  type Members,
  type SimulatedHost,
  type TransferListener,
  type World,
} from '@raftkv/simulation';
import type { SimulatedDisk } from './simulated-disk.ts';
import { violated } from './violated.ts';

type Host = SimulatedHost<SimulatedDisk>;

/** Of one process: what it was asked is lost with it. */
interface Asked {
  readonly what: string;
  readonly host: Host;
  readonly life: number;
  isAnswered: boolean;
}

export interface OperatorOptions {
  readonly world: World;
  readonly hosts: readonly Host[];
  /** Told of what no call may come to. */
  readonly onBroken: (broken: Error) => void;
}

export class Operator {
  /** What was asked for, by its way, and how often it was done. */
  readonly happened: Map<string, number> = new Map<string, number>();
  private readonly options: OperatorOptions;
  private readonly asked: Asked[] = [];

  constructor(options: OperatorOptions) {
    this.options = options;
  }

  schedule(changes: readonly ChangePlan[]): void {
    const { world } = this.options;
    for (const change of changes) world.after(change.atMs - world.nowMs, () => this.change(change));
  }

  /** Leadership of a node is to be handed over. */
  readonly onTransfer: TransferListener = (id) => {
    const host = this.options.hosts.find((one) => one.id === id);
    if (host === undefined) return () => {};
    const asked = this.ask(host, 'a transfer');
    return () => this.end(asked);
  };

  /** What processes of `hosts` have not answered, and are there to answer still. */
  waiting(hosts: readonly Host[]): readonly string[] {
    return this.asked
      .filter(({ host, life, isAnswered }) => !isAnswered && hosts.includes(host) && host.life === life)
      .map(({ what, host }) => `${what} of ${host.id}`);
  }

  private change(plan: ChangePlan): void {
    const { world, hosts } = this.options;
    const host = askedHost(hosts, plan.target);
    const node = host?.running?.node;
    if (host === null || node === undefined || host.isPaused) return;
    const ids = hosts.map(({ id }) => id);
    const members = membersAfter(plan, configurationOf(node.coreState()), ids);
    if (members === null) return;
    world.note(`${host.id} ${plan.way}: ${members.voters.join()} + ${members.learners.join()}`);
    this.count(`change-${plan.way}`);
    const asked = this.ask(host, `the change to ${members.voters.join()}`);
    node.changeMembership(changeTo(plan, members, node.status().configurationIndex)).then(
      ({ index }) => this.onChanged(asked, members, index),
      (error: RaftError) => this.onRefused(asked, error),
    );
  }

  private onChanged(asked: Asked, members: Members, index: number): void {
    this.end(asked);
    this.count('changed');
    const { host, what } = asked;
    this.options.world.note(`${host.id} has done ${what} at ${index}`);
    const log = host.running?.node.coreState().log;
    // A snapshot has a later one, and that alone.
    if (log !== undefined && index < log.base.configurationIndex) return;
    const found = log === undefined ? undefined : configurationAt(log, index);
    if (found !== undefined && isOf(found, members)) return;
    this.options.onBroken(violated('one-outcome', `${host.id} says that it has done ${what} at ${index}`));
  }

  private onRefused(asked: Asked, { code, outcome }: RaftError): void {
    this.end(asked);
    this.options.world.note(`${asked.host.id} answers ${asked.what}: ${code}, ${outcome}`);
  }

  private ask(host: Host, what: string): Asked {
    const asked = { host, what, life: host.life, isAnswered: false };
    this.asked.push(asked);
    return asked;
  }

  private end(asked: Asked): void {
    if (asked.isAnswered)
      this.options.onBroken(violated('one-outcome', `${asked.host.id} answers ${asked.what} twice`));
    asked.isAnswered = true;
  }

  private count(kind: string): void {
    this.happened.set(kind, (this.happened.get(kind) ?? 0) + 1);
  }
}

/** The one that came with entry `index`. */
function configurationAt(
  { base, configurations }: NodeState['log'],
  index: number,
): Configuration | undefined {
  if (index === base.configurationIndex) return base.configuration;
  return configurations.find((one) => one.index === index)?.configuration;
}

/** Are these its members, and no others on the way out? */
function isOf(configuration: Configuration, { voters, learners }: Members): boolean {
  if (configuration.kind === 'joint') return false;
  return (
    areSame(votersOf(configuration), voters) &&
    membersOf(configuration).length === voters.length + learners.length &&
    areSame(configuration.learners, learners)
  );
}

function areSame(members: readonly { readonly id: NodeId }[], ids: readonly NodeId[]): boolean {
  return members.length === ids.length && members.every(({ id }) => ids.includes(id));
}
